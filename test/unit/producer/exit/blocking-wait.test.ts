/** Blocking for several flushes at a time. */
import { expect, it } from 'vitest';
import { waitForAll } from '../../../../src/producer/exit/blocking-wait.js';
import { allocateRing, HEAD, ringMemory } from '../../../../src/shared/ring/ring-layout.js';
import { monotonicNow } from '../../../../src/shared/runtime/real-time.js';

type Look = (waitedMs: number, leftMs: number) => 'wait' | 'lost';

/** A ring of which `tail` bytes have to settle, and a record of how often its consumer was supervised. */
function flush(tail: number, look: Look = () => 'wait') {
  const { words } = ringMemory(allocateRing(4096));
  const seen = { words, looks: 0, waitedMs: 0, ends: 0 };
  const wait = {
    targets: [{ words, tail }],
    look(waitedMs: number, leftMs: number) {
      seen.looks++;
      seen.waitedMs += waitedMs;
      return look(waitedMs, leftMs);
    },
    end: () => void seen.ends++,
  };
  return { seen, wait };
}

const after = (ms: number): number => monotonicNow() + ms;

it('ends at the deadline of each', () => {
  const [one, other] = [flush(64), flush(64)];
  const startedAt = monotonicNow();
  waitForAll([
    { wait: one.wait, deadline: after(50) },
    { wait: other.wait, deadline: after(150) },
  ]);
  expect(monotonicNow() - startedAt).toBeGreaterThanOrEqual(140);
  expect([one.seen.ends, other.seen.ends]).toEqual([1, 1]);
  expect(one.seen.looks).toBeLessThan(other.seen.looks);
});

it('supervises each consumer while another is waited for, and counts that time', () => {
  const isReplaced = (): boolean => late.seen.waitedMs >= 60;
  const held = flush(64, () => (isReplaced() ? 'lost' : 'wait'));
  const late = flush(64, () => {
    if (isReplaced()) Atomics.store(late.seen.words, HEAD, 64);
    return 'wait';
  });
  waitForAll([held, late].map(({ wait }) => ({ wait, deadline: after(60_000) })));
  expect(Atomics.load(late.seen.words, HEAD)).toBe(64);
  // Of the time that one has waited, half was spent on the other's ring.
  expect(late.seen.looks).toBeLessThanOrEqual(1 + Math.ceil(late.seen.waitedMs / 40));
});

it('ignores flushes that have settled, and does not wait for one that is lost', () => {
  const settled = flush(0);
  const lost = flush(64, () => (lost.seen.waitedMs >= 50 ? 'lost' : 'wait'));
  waitForAll([settled, lost].map(({ wait }) => ({ wait, deadline: after(60_000) })));
  expect(settled.seen).toMatchObject({ looks: 0, ends: 1 });
  expect(lost.seen).toMatchObject({ ends: 1 });
});
