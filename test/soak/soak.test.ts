/** What the soaks do for minutes, for seconds: the ring across the wraps of its positions, random kills, and chaos. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { startFaultServer } from '../support/fault-server.js';
import { FINAL, HARMLESS, PASSING } from '../support/faults.js';

// Plain JavaScript, which the script runs on any Node.js.
const load = (file: string) => import(new URL(file, import.meta.url).href);
const RECORDS = 25_000;

it.each([
  ['where positions turn to 0', 2 ** 32],
  ['where their sign changes', 2 ** 31],
])('two threads over a ring of 4 KiB, %s: none lost, none changed, no wake-up missed', async (_, wrap) => {
  const { soakRing } = await load('./ring-soak.js');
  const startAt = wrap - 64 * 1024;
  const result = await soakRing({ seed: 1, startAt, isOver: (pushed: number) => pushed > RECORDS });
  expect(result).toMatchObject({ stalled: false, wrong: [] });
  // It has come to all that is to be proved.
  expect((result.tail - startAt) | 0).toBeGreaterThan(256 * 1024);
  for (const what of ['accepted', 'refused', 'nested', 'beside', 'parks', 'dozes', 'outOfOrder', 'waits']) {
    expect(result[what], what).toBeGreaterThan(50);
  }
});

it('a worker that is killed a dozen times in a stream of events: all arrive, once or more', async () => {
  const { soakKills } = await load('./kill-soak.js');
  const { counts, missing, unknown, errors, pushed } = await soakKills({ kills: 12, seed: 1 });
  expect({ missing, unknown, errors }).toEqual({ missing: [], unknown: [], errors: [] });
  expect(counts).toMatchObject({
    accepted: pushed,
    sent: pushed,
    failed: 0,
    pending: 0,
    dropped: { total: 0 },
  });
});

it.each([
  ['on the ring', 1, undefined],
  ['kept on disk', 2, 'failed'],
  ['on disk before it is sent', 3, 'always'],
])(
  'what is %s: as much is told to have failed as is counted, whenever the worker is killed',
  async (_, seed, spool) => {
    const { soakTold } = await load('./told-soak.js');
    const spoolDir = spool && mkdtempSync(join(tmpdir(), 'tailrace-told-'));
    onTestFinished(() => {
      if (spoolDir) rmSync(spoolDir, { recursive: true, force: true });
    });
    const engineOptions = { spoolDir, spool };
    const { counts, told, recovered, pushed, unheard } = await soakTold({ kills: 6, seed, engineOptions });
    const { accepted, sent, failed, spooled } = counts;
    expect({ accepted, told, recovered, settled: sent + failed + spooled, unheard }).toEqual({
      accepted: pushed,
      told: failed,
      recovered: spooled,
      settled: accepted,
      unheard: 0,
    });
    // Some have failed, and some have not.
    expect(Math.min(sent, failed)).toBeGreaterThan(0);
  },
);
it('an application in which all goes wrong at once: each event is at the server, or counted and told', async () => {
  const { soakChaos } = await load('./chaos/run.js');
  const faults = { passing: PASSING, final: FINAL, harmless: HARMLESS };
  const { wrong, offered, acknowledged } = await soakChaos({
    seed: 1,
    ms: 8_000,
    startServer: startFaultServer,
    faults,
  });
  expect(wrong).toEqual([]);
  expect(offered).toBeGreaterThan(100);
  expect(acknowledged).toBeGreaterThan(0);
});
