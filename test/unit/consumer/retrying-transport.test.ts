/** When a request is tried again, how long the wait is, and when trying ends. The clock is a fake, nothing else. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRetryingTransport } from '../../../src/consumer/retrying-transport.js';
import type { Transport, TransportRequest } from '../../../src/consumer/transport.js';
import type { ExportOutcome } from '../../../src/shared/exporter.js';

const REQUEST: TransportRequest = { method: 'POST', url: 'http://x', headers: {}, body: [new Uint8Array()] };
const busy = (retryAfterMs?: number): ExportOutcome => ({ kind: 'retryable', reason: 'busy', retryAfterMs });
const success: ExportOutcome = { kind: 'success' };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Sends one request to a server with these answers (the last one repeats); runs the clock until it has settled. */
async function send(answers: ExportOutcome[], retryWindowMs = 600_000) {
  const attempts: number[] = [];
  const delays: number[] = [];
  const inner: Transport = {
    async send() {
      attempts.push(Date.now());
      return answers[Math.min(attempts.length, answers.length) - 1] as ExportOutcome;
    },
    async close() {},
  };
  const transport = createRetryingTransport(inner, {
    retryWindowMs,
    closing: new AbortController().signal,
    onRetry: (_, delayMs) => delays.push(delayMs),
  });
  const outcome = transport.send(REQUEST, () => success);
  let settled = false;
  void outcome.then(() => {
    settled = true;
  });
  while (!settled) await vi.advanceTimersByTimeAsync(1000);
  return { outcome: await outcome, attempts: attempts.length, delays };
}

describe('the retrying transport', () => {
  it('hands on what is not worth another try', async () => {
    for (const outcome of [
      success,
      { kind: 'failure', reason: 'no' },
      { kind: 'too-large', reason: 'big' },
    ] as const) {
      expect(await send([outcome])).toEqual({ outcome, attempts: 1, delays: [] });
    }
  });

  it('waits at random, up to a bound that doubles to 30 seconds', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.999_999);
    const { outcome, delays } = await send([...Array.from({ length: 9 }, () => busy()), success]);
    random.mockRestore();
    expect(outcome).toEqual(success);
    expect(delays.map(Math.round)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('never waits less than the server asks for', async () => {
    const { delays } = await send([busy(60_000), success]);
    expect(delays[0]).toBe(60_000);
  });

  it('takes a wait that is no number for none', async () => {
    const { outcome } = await send([busy(Number.NaN)], 10_000);
    expect(outcome).toMatchObject({ kind: 'retryable' });
  });

  it('gives up at the end of its window, with the last reason', async () => {
    const { outcome, attempts } = await send([busy()], 10_000);
    expect(outcome).toEqual({
      kind: 'retryable',
      reason: `given up after ${attempts} tries, the last: busy`,
    });
    expect(attempts).toBeGreaterThan(1);
  });
});
