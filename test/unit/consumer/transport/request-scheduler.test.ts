/**
 * Who goes next when a server refuses, and what follows when it is back: many requests over one scheduler. The clock is a fake,
 * and the server a function.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRequestQueue, type RequestQueue } from '../../../../src/consumer/transport/pending-request.js';
import {
  createPending,
  createRequestScheduler,
  type RequestScheduler,
} from '../../../../src/consumer/transport/request-scheduler.js';
import { createRetryingTransport } from '../../../../src/consumer/transport/retrying-transport.js';
import type { HttpRequest, Transport } from '../../../../src/consumer/transport/transport.js';
import type { ExportOutcome } from '../../../../src/shared/contract/exporter.js';

vi.mock(
  import('../../../../src/shared/runtime/real-time.js'),
  () => import('../../../support/mocked-time.js') as never,
);

const busy = (retryAfterMs?: number): ExportOutcome => ({ kind: 'retryable', reason: 'busy', retryAfterMs });
const misconfigured: ExportOutcome = { kind: 'retryable', reason: 'wrong key', misconfigured: true };
const success: ExportOutcome = { kind: 'success' };
const now = () => performance.now();
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Attempt {
  readonly id: string;
  readonly at: number;
  /** With this one. */
  readonly open: number;
}

/** A server, and what it has been sent. It takes `tookMs` for an answer; undefined: it gives none. */
function startServer(
  answer: (id: string) => ExportOutcome | undefined,
  tookMs: number | ((id: string) => number) = 0,
) {
  const attempts: Attempt[] = [];
  let open = 0;
  const send: Transport<HttpRequest>['send'] = async ({ headers }, _read, signal) => {
    const id = headers.id as string;
    attempts.push({ id, at: now(), open: ++open });
    const outcome = answer(id);
    await new Promise((resolve) => {
      const ms = typeof tookMs === 'number' ? tookMs : tookMs(id);
      setTimeout(resolve, outcome === undefined ? 10_000 : ms);
      signal?.addEventListener('abort', resolve);
    });
    open--;
    return outcome ?? { kind: 'retryable', reason: 'no answer within 10 s' };
  };
  return { attempts, inner: { send, close: async () => {} } };
}

/** A ring: its requests, and when which of them was taken or given up. */
function startRing(
  scheduler: RequestScheduler,
  inner: ReturnType<typeof startServer>['inner'],
  { isUrgent = false, name = '', lane = 'spans', origin = 'http://server' } = {},
) {
  const queue: RequestQueue = createRequestQueue(() => isUrgent);
  const closing = new AbortController();
  const transport = createRetryingTransport(inner, {
    scheduler,
    queue,
    retryWindowMs: 600_000,
    closing: closing.signal,
    onRetry() {},
    onTaken() {},
  });
  const ended: { id: string; at: number; outcome: ExportOutcome }[] = [];
  return {
    queue,
    transport,
    closing,
    ended,
    send(order: number, id = `${name}${order}`) {
      const request: HttpRequest = {
        method: 'POST',
        url: `${origin}/x`,
        headers: { id },
        body: [],
        lane,
      };
      const pending = createPending(scheduler, queue, lane, { order });
      void transport
        .send(request, () => success, pending)
        .then((outcome) => ended.push({ id, at: now(), outcome }));
    },
  };
}

describe('when a server is back after 45 seconds', () => {
  const OUTAGE_MS = 45_000;

  /** The server goes away with `slots` requests under way, and one more waits. */
  async function sitThrough({ slots = 16, isUrgent = true, answerMs = 20 } = {}) {
    let isAway = true;
    const { attempts, inner } = startServer(() => (isAway ? busy() : success), answerMs);
    const ring = startRing(createRequestScheduler(slots), inner, { isUrgent });
    for (const order of upTo(slots + 1)) ring.send(order);
    await vi.advanceTimersByTimeAsync(OUTAGE_MS);
    const meanwhile = attempts.length;
    isAway = false;
    const returnedAt = now();
    return { ring, attempts, meanwhile, returnedAt };
  }

  it('all that waits is there within two seconds, where events are about to be lost', async () => {
    const { ring } = await sitThrough();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ring.ended.map(({ outcome }) => outcome.kind)).toEqual(upTo(17).map(() => 'success'));
  });

  it('and where they are not, as soon as the first is', async () => {
    const { ring } = await sitThrough({ isUrgent: false });
    while (ring.ended.length === 0) await vi.advanceTimersByTimeAsync(10);
    await vi.advanceTimersByTimeAsync(500);
    expect(ring.ended).toHaveLength(17);
  });

  it('it has been asked by one request at a time meanwhile, once a second at most after the first', async () => {
    const { attempts, meanwhile } = await sitThrough();
    expect(meanwhile).toBeGreaterThan(40);
    expect(meanwhile).toBeLessThan(16 + 5 + 90);
    expect(Math.max(...attempts.slice(16, meanwhile).map(({ open }) => open))).toBe(1);
  });

  it('and more and more seldom, where nothing presses', async () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.999_999);
    const { meanwhile } = await sitThrough({ isUrgent: false });
    random.mockRestore();
    // After half a second, one, two, … sixteen.
    expect(meanwhile).toBe(16 + 6);
  });

  it('it is met by one request, then by twice as many after each that it takes', async () => {
    const { attempts, meanwhile } = await sitThrough();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(attempts.slice(meanwhile, meanwhile + 4).map(({ open }) => open)).toEqual([1, 1, 2, 2]);
  });

  it('the oldest follow first: what they hold up is free again', async () => {
    const { ring } = await sitThrough();
    await vi.advanceTimersByTimeAsync(2_000);
    const [, ...others] = ring.ended.map(({ id }) => Number(id));
    expect(others).toEqual([...others].sort((a, b) => a - b));
  });
});

describe('a server that is silent', () => {
  it('is tried by another request before the first has timed out', async () => {
    let isAway = true;
    const { attempts, inner } = startServer(() => (isAway ? undefined : success));
    const ring = startRing(createRequestScheduler(16), inner, { isUrgent: true });
    for (const order of upTo(16)) ring.send(order);
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.advanceTimersByTimeAsync(4_000);
    const hanging = attempts.length;
    expect(hanging).toBeGreaterThan(16 + 3);
    isAway = false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(attempts.length).toBeGreaterThan(hanging);
    expect(ring.ended.length).toBeGreaterThan(0);
  });
});

describe('a request without an answer', () => {
  it('is tried again soon after others come through, though its time-out is far', async () => {
    let isAway = true;
    const { inner } = startServer(() => (isAway ? undefined : success), 20);
    const ring = startRing(createRequestScheduler(16), inner, { isUrgent: true });
    for (const order of upTo(17)) ring.send(order);
    await vi.advanceTimersByTimeAsync(29_500);
    isAway = false;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(ring.ended.map(({ outcome }) => outcome.kind)).toEqual(upTo(17).map(() => 'success'));
  });

  it('is not, where the server is but slow', async () => {
    const { attempts, inner } = startServer(
      (id) => (id === '1' && attempts.length < 3 ? busy() : success),
      (id) => (id === '0' ? 4_000 : attempts.length < 3 ? 0 : 1_000),
    );
    const ring = startRing(createRequestScheduler(2), inner);
    for (const order of upTo(2)) ring.send(order);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(ring.ended.map(({ id }) => id)).toEqual(['1', '0']);
    expect(attempts.map(({ id }) => id)).toEqual(['0', '1', '1']);
  });
});

describe('a request that waits', () => {
  it('has no slot: another destination is served meanwhile', async () => {
    const { inner } = startServer((id) => (id.startsWith('score') ? busy() : success));
    const scheduler = createRequestScheduler(1);
    const scores = startRing(scheduler, inner, { lane: 'scores', name: 'score' });
    const spans = startRing(scheduler, inner, { name: 'span' });
    scores.send(0);
    await vi.advanceTimersByTimeAsync(0);
    for (const order of upTo(10)) spans.send(order);
    await vi.advanceTimersByTimeAsync(10);
    expect(spans.ended).toHaveLength(10);
    expect(scores.ended).toEqual([]);
    expect(scheduler.free).toBe(1);
  });

  it('because it was asked to goes on to, when others come through', async () => {
    const { attempts, inner } = startServer((id) =>
      id === '0' && attempts.length < 2 ? busy(60_000) : success,
    );
    const ring = startRing(createRequestScheduler(2), inner);
    ring.send(0);
    ring.send(1);
    await vi.advanceTimersByTimeAsync(59_999);
    for (const order of [2, 3]) ring.send(order);
    expect(ring.ended.map(({ id }) => id)).not.toContain('0');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(
      attempts.filter(({ id }) => id === '0').map(({ at }) => Math.round(at - (attempts[0]?.at ?? 0))),
    ).toEqual([0, 60_000]);
    expect(ring.ended).toHaveLength(4);
  });

  it('is let go with its ring', async () => {
    const { attempts, inner } = startServer(() => busy());
    const scheduler = createRequestScheduler(1);
    const ring = startRing(scheduler, inner);
    for (const order of upTo(3)) ring.send(order);
    await vi.advanceTimersByTimeAsync(0);
    ring.closing.abort();
    const before = attempts.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ring.ended).toHaveLength(3);
    expect(attempts).toHaveLength(before);
    expect(scheduler).toMatchObject({ free: 1, queues: new Set() });
  });
});

describe('a request that is to blame', () => {
  it('holds up no other, and is tried more and more seldom', async () => {
    const { attempts, inner } = startServer((id) => (id === 'bad' ? busy() : success), 5);
    const ring = startRing(createRequestScheduler(4), inner);
    ring.send(0, 'bad');
    for (const order of upTo(600)) {
      ring.send(order + 1);
      await vi.advanceTimersByTimeAsync(100);
    }
    // One of them may have waited for a back-off of half a second that was not its own.
    expect(ring.ended.length).toBeGreaterThan(590);
    const bad = attempts.filter(({ id }) => id === 'bad').map(({ at }) => at);
    expect(bad.length).toBeLessThan(30);
  });

  it('though it is the oldest, and alone with the others in an outage that is over', async () => {
    let isAway = true;
    const { inner } = startServer((id) => (isAway || id === 'bad' ? busy() : success));
    const ring = startRing(createRequestScheduler(4), inner, { isUrgent: true });
    ring.send(0, 'bad');
    for (const order of upTo(3)) ring.send(order + 1);
    await vi.advanceTimersByTimeAsync(30_000);
    isAway = false;
    await vi.advanceTimersByTimeAsync(4_000);
    expect(ring.ended.map(({ id }) => id).sort()).toEqual(['1', '2', '3']);
  });
});

describe('rings', () => {
  it('get their turns one after the other', async () => {
    const { attempts, inner } = startServer(() => success, 10);
    const scheduler = createRequestScheduler(1);
    const rings = ['a', 'b', 'c'].map((name) => startRing(scheduler, inner, { name }));
    for (const ring of rings) for (const order of upTo(3)) ring.send(order);
    await vi.advanceTimersByTimeAsync(100);
    expect(attempts.map(({ id }) => id)).toEqual(['a0', 'a1', 'b0', 'c0', 'a2', 'b1', 'c1', 'b2', 'c2']);
    expect(Math.max(...attempts.map(({ open }) => open))).toBe(1);
  });
});

describe('lanes of one server', () => {
  it('learn from each other that it is back', async () => {
    let isAway = true;
    const { inner } = startServer(() => (isAway ? busy() : success));
    const scheduler = createRequestScheduler(4);
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.999_999);
    const spans = startRing(scheduler, inner);
    spans.send(0);
    await vi.advanceTimersByTimeAsync(40_000);
    const urgent = startRing(scheduler, inner, { lane: 'scores', isUrgent: true });
    urgent.send(0);
    await vi.advanceTimersByTimeAsync(10);
    isAway = false;
    while (urgent.ended.length === 0) await vi.advanceTimersByTimeAsync(10);
    expect(spans.ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(300);
    expect(spans.ended).toHaveLength(1);
    random.mockRestore();
  });
});

describe('the last flush', () => {
  it('has all that needs somebody to put something right given up at once', async () => {
    const { inner } = startServer(() => misconfigured, 10);
    const ring = startRing(createRequestScheduler(4), inner);
    for (const order of upTo(9)) ring.send(order);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(ring.ended).toEqual([]);
    ring.transport.expedite();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ring.ended).toHaveLength(9);
  });

  it('is over some time: what comes after it is tried on', async () => {
    const { inner } = startServer(() => misconfigured);
    const ring = startRing(createRequestScheduler(4), inner);
    const end = ring.transport.expedite();
    ring.send(0);
    await vi.advanceTimersByTimeAsync(100);
    expect(ring.ended).toHaveLength(1);
    end();
    ring.send(1);
    await vi.advanceTimersByTimeAsync(100_000);
    expect(ring.ended).toHaveLength(1);
  });
});
