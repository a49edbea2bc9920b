/** Chaos for a while: one life of an application after the other, on one server and one spool; at the end the whole account. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { chance } from '../pattern.js';
import { createAccount } from './account.js';
import { liveOnce } from './application.js';
import { damage } from './damage.js';
import { sendRest } from './rest.js';
import { startWeather } from './weather.js';

const LONGEST_LIFE_MS = 25_000;
const MAX_LOOKS_FOR_REST = 20;
/** After so many lives memory is as it is to stay. */
const SETTLED_LIVES = 3;
/** The ring of a thread that has ended is held for 10 s. */
const RINGS_HELD_MS = 12_000;

/**
 * @param startServer `startFaultServer` of test/support, and `faults`: `passing`, `final` and `harmless` of test/support/faults.
 * They are TypeScript, so whoever can load that passes them.
 * @returns `wrong` (nothing, if all is well); `late`, losses when the server had been back for two seconds; `grownBytes` of memory in use; and figures.
 */
export async function soakChaos({ seed, ms, startServer, faults, log = () => {} }) {
  const random = chance(seed);
  const spoolDir = mkdtempSync(join(tmpdir(), 'tailrace-chaos-'));
  const close = [];
  const server = await startServer({}, (one) => close.push(one));
  let account = createAccount();
  server.onAcknowledged = (request) => {
    account.acknowledge(request);
    // They hold their bodies.
    server.requests.length = 0;
    server.acknowledged.clear();
  };
  const wrong = [];
  const late = [];
  const total = {
    offered: 0,
    acknowledged: 0,
    failed: 0,
    dropped: 0,
    kills: 0,
    stuck: 0,
    threads: 0,
    lost: 0,
    damaged: 0,
    recovered: 0,
    retried: 0,
  };
  const sources = [];
  /** When each fault of the server has been met: their answers of 10 MiB are made then. */
  let before;
  try {
    await warmUp(server.url, random);
    const weather = startWeather({ server, faults, random, longestOutageMs: Math.min(15_000, ms / 4) });
    const endAt = performance.now() + ms;
    for (let number = 0; performance.now() < endAt; number++) {
      const result = await liveOnce({
        number,
        seed: random(2 ** 30),
        ms: Math.min(3_000 + random(LONGEST_LIFE_MS - 3_000), Math.max(1_000, endAt - performance.now())),
        spoolDir,
        url: server.url,
        outages: weather.outages,
        isStuckAllowed: random(2) === 0,
      });
      take(result);
      if (random(2) === 0) total.damaged += damage(spoolDir, random);
      if (number === SETTLED_LIVES) before = await memory();
    }
    await weather.end();
    const isLeft = () => readdirSync(spoolDir).some((name) => !name.includes('corrupt'));
    // The folder of a worker that was killed as its client shut down is taken over when its lease has run out.
    for (let i = 0; i < MAX_LOOKS_FOR_REST && (i === 0 || isLeft()); i++) {
      if (i > 0) await setTimeout(5_000);
      const rest = await sendRest(server.url, spoolDir, i);
      total.lost += rest.lost;
      total.recovered += rest.recovered;
    }
    for (const source of sources) total.acknowledged += account.acknowledged(source);
    const missing = total.offered - total.acknowledged;
    const accounted = total.failed + total.dropped + total.lost;
    if (missing > accounted) wrong.push(`${missing} events are missing, ${accounted} accounted for`);
    wrong.push(...account.faults.slice(0, 5));
    if (isLeft()) wrong.push(`left in the spool: ${readdirSync(spoolDir).join(', ')}`);
    account = createAccount();
    await server.refuse();
    return {
      wrong,
      late,
      ...total,
      missing,
      grownBytes: before === undefined ? 0 : (await memory()) - before,
    };
  } finally {
    for (const one of close) await one();
    rmSync(spoolDir, { recursive: true, force: true });
  }

  function take({ number, options, life, counts, heard, late: losses, faults: found }) {
    late.push(...losses.map((loss) => ({ life: number, ...loss })));
    const threads = life.threads.map(({ name }) => name);
    sources.push(`${number}.main`, ...threads);
    const { accepted, sent, failed, dropped, spooled, recovered, unrecovered, retried } = counts;
    total.offered += accepted + dropped.total;
    total.failed += failed;
    total.dropped += dropped.total;
    total.recovered += recovered;
    total.lost += unrecovered;
    total.retried += retried;
    total.kills += life.kills;
    total.stuck += life.stuck;
    total.threads += threads.length;
    const has = [`${number}.main`, ...threads].reduce((sum, source) => sum + account.acknowledged(source), 0);
    if (has < sent) found.push(`${sent} count as sent, the server has ${has}`);
    if (accepted - failed - spooled > has)
      found.push(`the server lacks some that are in no count: it has ${has}`);
    log(
      `life ${number}: ${JSON.stringify({ accepted, sent, failed, spooled, dropped, recovered, kills: life.kills, stuck: life.stuck, threads: threads.length, mode: options.spool })}`,
    );
    for (const fault of found) {
      wrong.push(
        `life ${number}: ${fault} (${JSON.stringify(options)}; ${JSON.stringify([...heard.messages])})`,
      );
      log(`  FAULT: ${fault}`);
    }
  }
}

async function warmUp(url, random) {
  await liveOnce({
    number: 'warm',
    seed: random(2 ** 30),
    ms: 500,
    spoolDir: undefined,
    url,
    outages: [],
    isStuckAllowed: false,
  });
}

/** Bytes in use: the fewest seen in a while. */
async function memory() {
  let fewest = Number.POSITIVE_INFINITY;
  for (const endAt = performance.now() + RINGS_HELD_MS; performance.now() < endAt; await setTimeout(500)) {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    fewest = Math.min(fewest, heapUsed + external);
  }
  return fewest;
}
