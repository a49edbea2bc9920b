/**
 * `npm run soak`: all soaks for minutes, on the version of Node.js that runs it.
 *
 *   npm run soak -- --seconds 600 --kills 300 --seed 7
 *
 * The ring's share is made of rounds of a few seconds, on rings of several sizes; each starts just before a wrap of the
 * 32-bit positions. Ends with an exit code of 1 at the first fault, and the seed that goes with it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { soakKills } from './kill-soak.js';
import { soakRing } from './ring-soak.js';
import { soakTold } from './told-soak.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '420' },
    kills: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const seconds = Number(values.seconds);
const kills = Number(values.kills);
const seed = Number(values.seed);

const ROUND_MS = 3_000;
const RINGS_BYTES = [4096, 16 * 1024, 256 * 1024];
/** Where positions turn from the highest to 0, and where their sign changes. */
const WRAPS = [2 ** 32, 2 ** 31];
const BEFORE_WRAP_BYTES = 1024 * 1024;

console.log(`node ${process.version}, seed ${seed}: the ring for ${seconds} s, then ${kills} kills`);
await ring();
await worker();
await told();

async function ring() {
  const total = {
    rounds: 0,
    accepted: 0,
    refused: 0,
    nested: 0,
    beside: 0,
    parks: 0,
    dozes: 0,
    outOfOrder: 0,
    waits: 0,
  };
  const endAt = performance.now() + seconds * 1000;
  for (let round = 0; performance.now() < endAt; round++) {
    const ringBytes = RINGS_BYTES[round % RINGS_BYTES.length];
    const startAt = WRAPS[round % WRAPS.length] - BEFORE_WRAP_BYTES;
    const roundEndsAt = performance.now() + ROUND_MS;
    const isOver = () => performance.now() > roundEndsAt;
    const result = await soakRing({ ringBytes, seed: seed + round, startAt, isOver });
    if (result.stalled || result.wrong.length > 0) {
      return fail(`the ring, seed ${seed + round}, ${ringBytes} bytes, from ${startAt}`, result);
    }
    for (const key of Object.keys(total)) total[key] += result[key] ?? 0;
    total.rounds++;
  }
  console.log('ring:', total);
}

async function worker() {
  const onKill = (killed) => {
    if (killed % 50 === 49) console.log(`${killed + 1} kills`);
  };
  const { missing, unknown, counts, errors, ...rest } = await soakKills({ kills, seed, onKill });
  const { accepted, sent, failed, pending, retried, dropped } = counts;
  // A record that two workers die of by chance is given up, counted and named; no other may be missing.
  const lost = missing.length > failed || sent + failed !== accepted || errors.length < failed;
  if (lost || unknown.length > 0 || pending > 0 || dropped.total > 0) {
    return fail('the worker', { missing, unknown, counts, errors });
  }
  console.log('worker:', { kills, accepted, sent, failed, retried, ...rest });
}

/** With fewer kills: a life brings little forward between faults of the server. */
async function told() {
  for (const spool of [undefined, 'failed', 'always']) {
    const spoolDir = spool && mkdtempSync(join(tmpdir(), 'tailrace-told-'));
    const engineOptions = { spoolDir, spool };
    const result = await soakTold({ kills: Math.ceil(kills / 6), seed, engineOptions });
    if (spoolDir) rmSync(spoolDir, { recursive: true, force: true });
    const { counts, told, recovered, unheard, pushed } = result;
    const { accepted, sent, failed, spooled, pending } = counts;
    const isRight = told === failed && sent + failed + spooled === accepted && recovered === spooled;
    if (!isRight || unheard > 0 || pending > 0 || accepted !== pushed) {
      return fail(`what is told, spool ${spool}`, result);
    }
    console.log('told:', { spool, accepted, sent, failed, spooled });
  }
}

function fail(what, result) {
  console.error(`FAULT in ${what}:`, result);
  process.exitCode = 1;
}
