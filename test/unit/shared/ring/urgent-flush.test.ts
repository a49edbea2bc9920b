/** A flush by shared memory alone that two request: a thread, and the owner of its consumer. */
import { expect, it } from 'vitest';
import { allocateRing, ringMemory, TAIL } from '../../../../src/shared/ring/ring-layout.js';
import { endWatch, requestFlush, watchFlushes } from '../../../../src/shared/ring/urgent-flush.js';

it('covers all records that either saw, and is the last for both if it is for one', async () => {
  const { words } = ringMemory(allocateRing(4096));
  // One reads the tail, the other publishes and requests, then the first requests.
  Atomics.store(words, TAIL, 64);
  requestFlush(words, true);
  requestFlush(words, false);
  let isStopped = false;
  const asked = await new Promise((resolve) => {
    void watchFlushes(
      words,
      () => isStopped,
      async (tail, isLast) => resolve({ tail, isLast }),
    );
  });
  isStopped = true;
  endWatch(words);
  expect(asked).toEqual({ tail: 64, isLast: true });
});

it('is the last until it has settled, and later ones are not', async () => {
  const { words } = ringMemory(allocateRing(4096));
  const asked: boolean[] = [];
  let isStopped = false;
  const next = (): Promise<void> =>
    new Promise((resolve) => {
      answered = resolve;
    });
  let answered = (): void => {};
  void watchFlushes(
    words,
    () => isStopped,
    async (_, isLast) => {
      asked.push(isLast);
      setImmediate(() => answered());
    },
  );
  for (const isLast of [true, false, true]) {
    const seen = next();
    requestFlush(words, isLast);
    await seen;
  }
  isStopped = true;
  endWatch(words);
  expect(asked).toEqual([true, false, true]);
});
