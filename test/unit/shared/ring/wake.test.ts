/** What ends the sleep of a consumer: a publish ends that of a parked one, enough bytes end a long doze, neither ends a short one. */
import { expect, it, onTestFinished } from 'vitest';
import { createRingWriter, writeRecord } from '../../../../src/producer/push/ring-writer.js';
import { allocateRing, EVENT, ringMemory, SLEEP, TAIL } from '../../../../src/shared/ring/ring-layout.js';
import { doze, dozeLong, park, wake } from '../../../../src/shared/ring/wake.js';

/** Longer than a test may take. */
const LONG_MS = 600_000;

function startRing() {
  const ring = allocateRing(64 * 1024);
  const writer = createRingWriter(ring);
  const { words } = ringMemory(ring);
  onTestFinished(() => void wake(words));
  return {
    words,
    sleeps: () => Atomics.load(words, SLEEP) !== 0,
    /** A record of so many bytes on the ring, its header included. */
    push: (bytes: number) => writeRecord(writer, EVENT, new Uint8Array(bytes - 8), 0, bytes - 8),
  };
}

it('a publish ends a long doze once so many bytes are unread', async () => {
  const { words, sleeps, push } = startRing();
  const slept = dozeLong(words, LONG_MS, 1024);
  push(512);
  expect(sleeps()).toBe(true);
  push(512);
  expect(sleeps()).toBe(false);
  await slept;
});

it('no publish ends a short doze before the high-water mark', async () => {
  const { words, sleeps, push } = startRing();
  const slept = doze(words, LONG_MS);
  push(8 * 1024);
  push(8 * 1024);
  expect(sleeps()).toBe(true);
  push(8);
  expect(sleeps()).toBe(false);
  await slept;
});

it('the first publish ends a park', async () => {
  const { words, sleeps, push } = startRing();
  const slept = park(words, Atomics.load(words, TAIL), LONG_MS);
  expect(sleeps()).toBe(true);
  push(8);
  expect(sleeps()).toBe(false);
  await slept;
});

it('a flush ends each of them', async () => {
  const { words, sleeps } = startRing();
  for (const sleep of [
    () => doze(words, LONG_MS),
    () => dozeLong(words, LONG_MS, 1024),
    () => park(words, Atomics.load(words, TAIL), LONG_MS),
  ]) {
    const slept = sleep();
    expect(sleeps()).toBe(true);
    expect(wake(words)).toBe(true);
    await slept;
  }
});
