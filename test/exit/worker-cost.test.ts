/** A process that ends while its worker is busy: a busy worker is not a dead one, and one that is stuck holds up one event only. */
import { describe, expect, it } from 'vitest';
import { decodeRequest } from '../support/otlp.js';
import { ended, spanIds, start, startServer } from '../support/processes.js';
import type { Sink } from '../support/sink.js';

/** All of it: `TAILRACE_EXIT_MATRIX=full`. */
const IS_FULL = process.env.TAILRACE_EXIT_MATRIX === 'full';
const EXPORTER = new URL('../support/costly-exporter.mjs', import.meta.url).href;
const MASKED = '<fully masked due to failed mask function>';

/** Milliseconds, in JSON. */
const FOR_EVER = 1e12;

/** The one line of a process whose worker's thread has ended. */
const WORKER_DIED =
  /^\[tailrace\] the worker died \(its thread ended\); starting another\. .* \[TAILRACE_WORKER_DIED\]$/;

const COSTS = {
  'is idle': {},
  'takes 2 ms for a record': { recordMs: 2 },
  'takes 700 ms for one record': { oneMs: 700 },
  'takes 3 s for a batch': { batchMs: 3_000 },
  'is stuck at one record for ever': { oneMs: FOR_EVER },
} as const;

const SIGNAL = (name: string) => `process.kill(process.pid, '${name}'); setInterval(() => {}, 1000);`;
const WAYS = {
  'by itself': { code: '', ends: [0, null] },
  'by process.exit()': { code: 'process.exit(3);', ends: [3, null] },
  'by an uncaught exception': { code: 'throw new Error("boom");', ends: [1, null] },
  'by SIGTERM': { code: SIGNAL('SIGTERM'), ends: [null, 'SIGTERM'] },
  'after flushSync()': { code: 'client.flushSync(50000); process.reallyExit(0);', ends: [0, null] },
  'after shutdown()': { code: 'await client.shutdown();', ends: [0, null] },
} as const;

const EVENTS = 100;

type Case = readonly [way: keyof typeof WAYS, cost: keyof typeof COSTS, isBooted: boolean];

function cases(): Case[] {
  const costs = Object.keys(COSTS) as (keyof typeof COSTS)[];
  const all = (Object.keys(WAYS) as (keyof typeof WAYS)[]).flatMap((way, i) =>
    costs.flatMap((cost, j) =>
      [true, false].map((isBooted, k) => ({ chosen: [way, cost, isBooted] as const, turn: i + j + k })),
    ),
  );
  return all.filter(({ turn }) => IS_FULL || turn % 5 === 0).map(({ chosen }) => chosen);
}

function optionsFor(sink: Sink, more: object = {}): Record<string, unknown> {
  const langfuse = { baseUrl: sink.url, publicKey: 'pk', secretKey: 'sk', sdkVersion: '1' };
  // Longer than any machine takes: what is asked is whether it arrives, not how fast.
  return { exporter: { url: EXPORTER, options: { langfuse, ...more } }, exitTimeoutMs: 50_000 };
}

/** The one in the middle costs more. */
const MAKE = `for (let i = 0; i < ${EVENTS}; i++)
  client.span({ name: 'made ' + i, input: i === ${EVENTS / 2} ? 'costly' : 'x' }).end();`;
const BOOT = `client.span({ name: 'first' }).end(); await client.flush();`;

function inputs(sink: Sink): unknown[] {
  return sink.requests.flatMap(({ body }) =>
    decodeRequest(body).spans.map(({ attributes }) => attributes['langfuse.observation.input']),
  );
}

function expectDelivered(sink: Sink, events: number): void {
  const ids = spanIds(sink);
  expect(new Set(ids).size).toBe(events);
}

describe('a process that ends', () => {
  it.each(cases())('%s, while the worker %s (it is there: %s), delivers all', async (way, cost, isBooted) => {
    const sink = await startServer();
    const { code, ends } = WAYS[way];
    const isStuck = cost === 'is stuck at one record for ever';
    const options = { ...optionsFor(sink, { cost: COSTS[cost] }), ...(isStuck && { workerStuckMs: 1_000 }) };
    const result = await ended(start(sink.url, `${isBooted ? BOOT : ''} ${MAKE} ${code}`, options));
    expect(result.ends).toEqual(ends);
    expectDelivered(sink, EVENTS + (isBooted ? 1 : 0));
    if (isStuck) {
      expect(inputs(sink)).toContain(MASKED);
      expect(inputs(sink)).not.toContain('costly');
      expect(result.stderr).toMatch(/stuck at the span [0-9a-f]{16} \(\d+ bytes\) for 1 s/);
      expect(result.stderr).toMatch(/sent without its payloads: a worker hung on it/);
    } else {
      expect(inputs(sink)).toContain('costly');
      expect(spanIds(sink)).toHaveLength(EVENTS + (isBooted ? 1 : 0));
      expect(result.stderr).not.toContain('[tailrace]');
    }
    expect(result.stderr).not.toContain('died');
  });

  it('leaves half of its time for what comes after a record that the worker is stuck at', async () => {
    const sink = await startServer();
    const options = {
      ...optionsFor(sink, { cost: { oneMs: FOR_EVER } }),
      exitTimeoutMs: 10_000,
    };
    const result = await ended(start(sink.url, `${BOOT} ${MAKE} process.exit(0);`, options));
    expect(result.stderr).toMatch(/ for 5(\.\d)? s;/);
    expectDelivered(sink, EVENTS + 1);
    expect(JSON.parse(result.stdout)).toMatchObject({ sent: EVENTS + 1, failed: 0, pending: 0 });
  });

  it('names what is left at its deadline, of which nothing is blamed on anybody', async () => {
    const sink = await startServer();
    const options = { ...optionsFor(sink, { cost: { recordMs: 100 } }), exitTimeoutMs: 1_000 };
    const result = await ended(start(sink.url, `${MAKE} process.exit(0);`, options));
    const { sent, failed } = JSON.parse(result.stdout);
    expect(sent + failed).toBe(EVENTS);
    const [line, ...more] = result.stderr.trim().split('\n');
    const said = Number(
      /^\[tailrace\] the process ended with (\d+) events? undelivered\. /.exec(line ?? '')?.[1],
    );
    // The worker may deliver another one between the message and the count.
    expect(said).toBeGreaterThanOrEqual(failed);
    expect(said).toBeLessThanOrEqual(EVENTS);
    expect(more).toEqual([]);
  });

  it('goes on after a flushSync() that was too short for a slow record, which is nobody’s fault', async () => {
    const sink = await startServer();
    const program = `${BOOT} ${MAKE} client.flushSync(100); console.log(JSON.stringify(await client.flush()));
      await client.shutdown();`;
    const result = await ended(start(sink.url, program, optionsFor(sink, { cost: { oneMs: 700 } })));
    expect(JSON.parse(result.stdout.split('\n')[0] as string)).toMatchObject({
      sent: EVENTS + 1,
      pending: 0,
    });
    expect(inputs(sink)).toContain('costly');
    expect(result.stderr).toBe('');
  });

  it.each(['exit', 'out of memory'])(
    'has a successor at once for a worker that dies while it waits (%s)',
    async (dies) => {
      const sink = await startServer();
      const options = { ...optionsFor(sink, { dies }), resourceLimits: { maxOldGenerationSizeMb: 32 } };
      const result = await ended(start(sink.url, `${MAKE} process.exit(0);`, options));
      expectDelivered(sink, EVENTS);
      expect(JSON.parse(result.stdout)).toMatchObject({ sent: EVENTS, failed: 0, pending: 0 });
      // Not that it is stuck, by which it would have been found in the end.
      expect(result.stderr.trim()).toMatch(WORKER_DIED);
    },
  );

  it('has a successor at once also while another client’s server does not answer', async () => {
    const [sink, silent] = [await startServer(), await startServer(() => {})];
    const other = JSON.stringify({ ...optionsFor(sink, { dies: 'exit' }), exitTimeoutMs: 5_000 });
    const program = `const other = new Tailrace({ publicKey: 'pk', secretKey: 'sk', ...${other} });
      make(1);
      { const client = other; ${MAKE} }
      process.exit(0);`;
    const result = await ended(start(silent.url, program, { exitTimeoutMs: 5_000 }));
    expectDelivered(sink, EVENTS);
    expect(JSON.parse(result.stdout)).toMatchObject({ accepted: 1, sent: 0, failed: 1, pending: 0 });
    expect(result.stderr).toContain('the worker died (its thread ended); starting another');
  });

  it('has a successor at once for a worker that was ended just before', async () => {
    const sink = await startServer();
    const program = `let worker;
      process.on('worker', (started) => { worker = started; });
      ${BOOT} ${MAKE}
      void worker.terminate();
      process.exit(0);`;
    const result = await ended(start(sink.url, program, optionsFor(sink)));
    expectDelivered(sink, EVENTS + 1);
    expect(JSON.parse(result.stdout)).toMatchObject({ sent: EVENTS + 1, failed: 0, pending: 0 });
    expect(result.stderr.trim()).toMatch(WORKER_DIED);
  });

  it('is not held by workers that die while they start', async () => {
    const sink = await startServer();
    const exporter = { url: 'data:text/javascript,process.exit(1)' };
    const result = await ended(
      start(sink.url, `${MAKE} process.exit(0);`, { exporter, exitTimeoutMs: 600_000 }),
    );
    expect(result.ends).toEqual([0, null]);
    expect(result.stderr).toMatch(new RegExp(`${EVENTS} events (undelivered|not delivered)`));
  });
});
