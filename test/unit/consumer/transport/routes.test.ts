/**
 * Requests that have several endpoints: which one each goes to while endpoints fail, are silent and recover. The clock is a fake, and
 * an endpoint is a function.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRequestQueue } from '../../../../src/consumer/transport/pending-request.js';
import {
  createPending,
  createRequestScheduler,
  isCircuitOpen,
} from '../../../../src/consumer/transport/request-scheduler.js';
import { createRetryingTransport } from '../../../../src/consumer/transport/retrying-transport.js';
import type { HttpRequest, ReadOutcome } from '../../../../src/consumer/transport/transport.js';
import type { ExportEndpoint, ExportOutcome } from '../../../../src/shared/contract/exporter.js';

vi.mock(
  import('../../../../src/shared/runtime/real-time.js'),
  () => import('../../../support/mocked-time.js') as never,
);

const busy: ExportOutcome = { kind: 'retryable', reason: 'HTTP 503' };
const wrongKey: ExportOutcome = { kind: 'retryable', reason: 'HTTP 401', misconfigured: true };
const success: ExportOutcome = { kind: 'success' };
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

const ENDPOINTS: readonly ExportEndpoint[] = [
  { url: 'http://a:1/x', headers: { key: 'of a' } },
  { url: 'http://b:1/x', headers: { key: 'of b' } },
  { url: 'http://c:1/x' },
];
type Name = 'a' | 'b' | 'c';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** `answers`: of each endpoint; undefined: it gives none, and the attempt times out. */
function start(
  answers: Partial<Record<Name, ExportOutcome | undefined>>,
  { names = ['a', 'b'] as readonly Name[], retryWindowMs = 600_000, isUrgent = (): boolean => false } = {},
) {
  const endpoints = names.map((name) => ENDPOINTS.find(({ url }) => url.includes(name)) as ExportEndpoint);
  const attempts: { name: Name; id: string; headers: Readonly<Record<string, string>> }[] = [];
  const events: string[] = [];
  const scheduler = createRequestScheduler(4);
  const queue = createRequestQueue(isUrgent);
  const inner = {
    async send({ url, headers }: HttpRequest, read: ReadOutcome, signal?: AbortSignal) {
      const name = new URL(url).hostname as Name;
      attempts.push({ name, id: headers.id as string, headers });
      const isSilent = name in answers && answers[name] === undefined;
      const outcome = name in answers ? answers[name] : success;
      await new Promise((resolve) => {
        setTimeout(resolve, isSilent ? 10_000 : 5);
        signal?.addEventListener('abort', resolve);
      });
      if (outcome === undefined) return { kind: 'retryable' as const, reason: 'silent' };
      read({} as never);
      return outcome;
    },
    close: async () => {},
  };
  const closing = new AbortController();
  const transport = createRetryingTransport(inner as never, {
    scheduler,
    queue,
    retryWindowMs,
    closing: closing.signal,
    onRetry: () => void events.push('retry'),
    onMoved: (_, { reason }, from, to) =>
      void events.push(`${new URL(from.url).hostname} to ${new URL(to.url).hostname}: ${reason}`),
    onTaken: (_, __, ___, endpoint) => void events.push(`taken by ${new URL(endpoint?.url ?? '').hostname}`),
  });
  const ended: string[] = [];
  let order = 0;
  const send = (id = String(order)): void => {
    const request: HttpRequest = {
      method: 'POST',
      url: 'http://a:1/x',
      headers: { id },
      body: [],
      lane: 'spans',
    };
    const pending = createPending(scheduler, queue, 'spans', { order: order++, endpoints });
    void transport.send(request, () => success, pending).then(({ kind }) => ended.push(`${id} ${kind}`));
  };
  const namesSince = (index: number): Name[] => attempts.slice(index).map(({ name }) => name);
  return {
    send,
    attempts,
    events,
    ended,
    scheduler,
    queue,
    transport,
    endpoints,
    answers,
    namesSince,
    closing,
  };
}

describe('a request with several endpoints', () => {
  it('goes to the first while it works, with its headers and no others', async () => {
    const { send, attempts, ended } = start({});
    for (const _ of upTo(10)) send();
    await vi.advanceTimersByTimeAsync(100);
    expect(ended).toHaveLength(10);
    expect(new Set(attempts.map(({ name }) => name))).toEqual(new Set(['a']));
    expect(attempts[0]?.headers).toEqual({ id: '0', key: 'of a' });
  });

  it('goes to the next at once if one refuses it, with the headers of that one', async () => {
    const { send, attempts, events, ended } = start({ a: busy });
    send();
    await vi.advanceTimersByTimeAsync(20);
    expect(ended).toEqual(['0 success']);
    expect(attempts.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(attempts[1]?.headers).toEqual({ id: '0', key: 'of b' });
    expect(events).toEqual(['a to b: HTTP 503', 'taken by b']);
  });

  it('passes an endpoint whose key is wrong, and one after it', async () => {
    const { send, ended, attempts } = start({ a: wrongKey, b: busy }, { names: ['a', 'b', 'c'] });
    send();
    await vi.advanceTimersByTimeAsync(20);
    expect(ended).toEqual(['0 success']);
    expect(attempts.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('tries each of them once, though its time is over: the spool has it tried once in a round', async () => {
    const { send, ended, attempts } = start({ a: busy, b: busy }, { retryWindowMs: 0 });
    send();
    await vi.advanceTimersByTimeAsync(20);
    expect(attempts.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(ended).toEqual(['0 retryable']);
  });

  it('waits for all of them if none works, and takes the first that does', async () => {
    const { send, ended, answers, events } = start({ a: busy, b: busy });
    send();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(ended).toEqual([]);
    expect(events.slice(0, 2)).toEqual(['a to b: HTTP 503', 'retry']);
    expect(events.slice(2).every((event) => event === 'retry')).toBe(true);
    answers.b = success;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended).toEqual(['0 success']);
    expect(events.at(-1)).toBe('taken by b');
  });

  it('is at its end with an outcome that no other endpoint would change', async () => {
    const { send, ended, attempts } = start({ a: { kind: 'rejected', count: 1, reason: 'one span' } });
    send();
    await vi.advanceTimersByTimeAsync(20);
    expect(ended).toEqual(['0 rejected']);
    expect(attempts).toHaveLength(1);
  });
});

describe('while the first endpoint is away', () => {
  it('the second gets all, but for probes one at a time with growing back-off', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.999_999);
    const { send, ended, attempts } = start({ a: busy });
    for (const _ of upTo(1_200)) {
      send();
      await vi.advanceTimersByTimeAsync(100);
    }
    await vi.advanceTimersByTimeAsync(100);
    expect(ended.every((one) => one.endsWith('success'))).toBe(true);
    expect(ended).toHaveLength(1_200);
    const probes = attempts.filter(({ name }) => name === 'a').length;
    // After 0, 0.5, 1, 2, 4, 8, 16, 30, 30 and 30 s.
    expect(probes).toBeGreaterThan(5);
    expect(probes).toBeLessThan(14);
  });

  it('gets requests back when a probe is answered: two, then twice as many after each', async () => {
    const { send, answers, attempts, namesSince, ended } = start({ a: busy });
    for (const _ of upTo(20)) {
      send();
      await vi.advanceTimersByTimeAsync(100);
    }
    answers.a = success;
    for (const _ of upTo(400)) {
      send();
      await vi.advanceTimersByTimeAsync(100);
    }
    const before = attempts.length;
    for (const _ of upTo(20)) send();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(new Set(namesSince(before))).toEqual(new Set(['a']));
    expect(ended).toHaveLength(440);
  });

  it('a request is not held up by it: its circuit counts as open only if all are', async () => {
    const { send, scheduler, queue, endpoints } = start({ a: busy });
    send();
    await vi.advanceTimersByTimeAsync(20);
    expect(isCircuitOpen(createPending(scheduler, queue, 'spans', { endpoints }))).toBe(false);
    expect(
      isCircuitOpen(createPending(scheduler, queue, 'spans', { endpoints: endpoints.slice(0, 1) })),
    ).toBe(true);
  });

  it('a flush probes no endpoint that gave no answer: another takes its requests', async () => {
    let isUrgent = false;
    const { send, attempts, ended, namesSince } = start({ a: undefined }, { isUrgent: () => isUrgent });
    send();
    await vi.advanceTimersByTimeAsync(11_000);
    expect(ended).toEqual(['0 success']);
    await vi.advanceTimersByTimeAsync(60_000);
    isUrgent = true;
    const before = attempts.length;
    for (const _ of upTo(5)) send();
    await vi.advanceTimersByTimeAsync(50);
    expect(namesSince(before)).toEqual(['b', 'b', 'b', 'b', 'b']);
    expect(ended).toHaveLength(6);
  });

  it('lanes share what is known of it', async () => {
    const { scheduler, queue, endpoints, send } = start({ a: busy });
    send();
    await vi.advanceTimersByTimeAsync(20);
    const other = createPending(scheduler, queue, 'other lane', { endpoints });
    expect(other.routes[0]?.circuit.openSince).toBeDefined();
    expect(other.routes[1]?.circuit.openSince).toBeUndefined();
  });
});

describe('an endpoint that takes other requests', () => {
  it('is waited for if it has refused one, which it may take next time', async () => {
    const { send, answers, attempts, ended } = start({});
    send();
    await vi.advanceTimersByTimeAsync(1);
    answers.a = busy;
    send();
    await vi.advanceTimersByTimeAsync(5);
    delete answers.a;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ended).toHaveLength(2);
    expect(new Set(attempts.map(({ name }) => name))).toEqual(new Set(['a']));
  });

  it('is passed by a request that got no answer there', async () => {
    const { send, answers, attempts, ended, events } = start({});
    answers.a = undefined;
    send('hangs');
    await vi.advanceTimersByTimeAsync(1);
    delete answers.a;
    send('first');
    await vi.advanceTimersByTimeAsync(50);
    expect(ended).toEqual(['first success']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(ended).toEqual(['first success', 'hangs success']);
    expect(attempts.map(({ id, name }) => `${id} ${name}`)).toEqual(['hangs a', 'first a', 'hangs b']);
    expect(events).not.toContain('retry');
  });
});

describe('the last flush', () => {
  it('gives up on wrong keys only if every endpoint has one', async () => {
    const { send, ended, transport, answers } = start({ a: wrongKey, b: busy });
    transport.expedite();
    send();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(ended).toEqual([]);
    answers.b = wrongKey;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ended).toEqual(['0 retryable']);
  });
});
