/** When a request is tried again, how long the wait is, and when trying ends. The clock is a fake, nothing else. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRequestQueue } from '../../../../src/consumer/transport/pending-request.js';
import { createRequestScheduler } from '../../../../src/consumer/transport/request-scheduler.js';
import { createRetryingTransport } from '../../../../src/consumer/transport/retrying-transport.js';
import type { HttpRequest, Transport } from '../../../../src/consumer/transport/transport.js';
import type { ExportOutcome } from '../../../../src/shared/contract/exporter.js';

vi.mock(
  import('../../../../src/shared/runtime/real-time.js'),
  () => import('../../../support/mocked-time.js') as never,
);

const REQUEST: HttpRequest = { method: 'POST', url: 'http://x', headers: {}, body: [new Uint8Array()] };
const busy = (retryAfterMs?: number): ExportOutcome => ({ kind: 'retryable', reason: 'busy', retryAfterMs });
const misconfigured: ExportOutcome = { kind: 'retryable', reason: 'wrong key', misconfigured: true };
const success: ExportOutcome = { kind: 'success' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/**
 * Sends one request to a server with these answers (the last one repeats); runs the clock until it has settled. The
 * shutdown begins after `hurryAfterMs`.
 */
async function send(
  answers: ExportOutcome[] | ((sinceMs: number) => ExportOutcome),
  retryWindowMs = 600_000,
  hurryAfterMs = Number.POSITIVE_INFINITY,
) {
  const startedAt = Date.now();
  const clockAtStart = performance.now();
  const taken: number[] = [];
  const attempts: number[] = [];
  const delays: number[] = [];
  const inner: Transport = {
    async send() {
      attempts.push(Date.now() - startedAt);
      if (typeof answers === 'function') return answers(Date.now() - startedAt);
      return answers[Math.min(attempts.length, answers.length) - 1] as ExportOutcome;
    },
    async close() {},
  };
  const transport = createRetryingTransport(inner, {
    scheduler: createRequestScheduler(16),
    queue: createRequestQueue(() => false),
    retryWindowMs,
    closing: new AbortController().signal,
    onRetry: (_request, _outcome, delayMs) => delays.push(delayMs),
    onTaken: (_request, startedAt) => taken.push(startedAt - clockAtStart),
  });
  const outcome = transport.send(REQUEST, () => success);
  let settled = false;
  void outcome.then(() => {
    settled = true;
  });
  while (!settled) {
    if (Date.now() - startedAt >= hurryAfterMs) {
      transport.expedite();
      hurryAfterMs = Number.POSITIVE_INFINITY;
    }
    await vi.advanceTimersByTimeAsync(1000);
  }
  return {
    outcome: await outcome,
    attempts: attempts.length,
    delays,
    tookMs: attempts.at(-1) as number,
    taken,
  };
}

describe('the retrying transport', () => {
  it('hands on what is not worth another try', async () => {
    for (const outcome of [
      success,
      { kind: 'failure', reason: 'no' },
      { kind: 'too-large', reason: 'big' },
    ] as const) {
      expect(await send([outcome])).toMatchObject({ outcome, attempts: 1, delays: [] });
    }
  });

  it('waits at random, up to a bound that doubles to 30 seconds', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.999_999);
    const { outcome, delays } = await send([...Array.from({ length: 9 }, () => busy()), success]);
    random.mockRestore();
    expect(outcome).toEqual(success);
    expect(delays.map(Math.round)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('says when the attempt began that the server has taken', async () => {
    expect((await send([busy(5000), success])).taken).toEqual([5000]);
    expect((await send([{ kind: 'failure', reason: 'no' }])).taken).toEqual([]);
  });

  it('never waits less than the server asks for', async () => {
    const { delays } = await send([busy(60_000), success]);
    expect(delays[0]).toBe(60_000);
  });

  it('takes a wait that is no number for none', async () => {
    const { outcome } = await send([busy(Number.NaN)], 10_000);
    expect(outcome).toMatchObject({ kind: 'retryable' });
  });

  it('delivers to a server that comes back after ten minutes less a moment', async () => {
    const { outcome, tookMs } = await send((sinceMs) => (sinceMs < 599_990 ? busy() : success));
    expect(outcome).toEqual(success);
    // The last try is due when the window ends.
    expect(Math.round(tookMs / 1000)).toBe(600);
  });

  it('makes its last try at the end of the window, though the server asks for more time', async () => {
    const { outcome, delays } = await send([busy(60_000), success], 10_000);
    expect(outcome).toEqual(success);
    expect(delays).toEqual([10_000]);
  });

  it('backs off to a minute where somebody has to put something right', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.999_999);
    const { outcome, delays } = await send([...Array.from({ length: 9 }, () => misconfigured), success]);
    random.mockRestore();
    expect(outcome).toEqual(success);
    expect(delays.slice(-3).map(Math.round)).toEqual([32_000, 60_000, 60_000]);
  });

  describe('once a shutdown has begun', () => {
    const longBackOff = () => vi.spyOn(Math, 'random').mockReturnValue(0.999_999);

    it('tries at once what waits by its own back-off, and backs off anew', async () => {
      const random = longBackOff();
      const { delays, tookMs } = await send(
        (sinceMs) => (sinceMs > 41_000 ? success : busy()),
        600_000,
        // In the wait of 30 seconds.
        40_000,
      );
      random.mockRestore();
      expect(delays.map(Math.round)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 500, 1000]);
      expect(tookMs).toBeLessThan(42_000);
    });

    it('goes on to wait for what the server asked', async () => {
      const { attempts, tookMs } = await send([busy(60_000), success], 600_000, 1000);
      expect({ attempts, tookMs }).toEqual({ attempts: 2, tookMs: 60_000 });
    });

    it('gives up what is answered again that somebody has to put something right', async () => {
      const { outcome, attempts } = await send([misconfigured], 600_000, 0);
      expect(outcome).toMatchObject({ kind: 'retryable', reason: expect.stringContaining('wrong key') });
      expect(attempts).toBeLessThanOrEqual(2);
    });
  });

  it('gives up at the end of its window, with the last reason', async () => {
    const { outcome, attempts } = await send([busy()], 10_000);
    expect(outcome).toEqual({
      kind: 'retryable',
      reason: `gave up after ${attempts} attempts, the last: busy`,
    });
    expect(attempts).toBeGreaterThan(1);
  });
});
