/** The status of a worker that the watchdog sees, and when it checks. */
import { describe, expect, it } from 'vitest';
import { createWatchdog } from '../../../../src/producer/worker/watchdog.js';
import type { WorkerGeneration } from '../../../../src/producer/worker/worker-generation.js';
import type { WorkerPool } from '../../../../src/producer/worker/worker-pool.js';
import { isUnchanged, readStatus, threadState } from '../../../../src/producer/worker/worker-status.js';
import { offerRing, takeOwnership, threadOf, writeThread } from '../../../../src/shared/ring/ownership.js';
import {
  allocateRing,
  BATCH_AT,
  BATCH_NOW,
  BEAT,
  ENDED,
  HEAD,
  ringMemory,
  TAIL,
  TAKING,
  TAKING_NOW,
} from '../../../../src/shared/ring/ring-layout.js';

const GENERATION = 3;

function generationOf(rings: SharedArrayBuffer[]): WorkerGeneration {
  const offered = rings.map((ring) => ({ words: ringMemory(ring).words, headBefore: 0 }));
  const shared = { ring: rings[0], lane: new SharedArrayBuffer(8) };
  return { rings: offered, init: { workerGeneration: GENERATION, shared } } as unknown as WorkerGeneration;
}

function takenRings(count = 1) {
  const rings = Array.from({ length: count }, () => allocateRing(4096));
  const words = rings.map((ring) => ringMemory(ring).words) as [Int32Array, ...Int32Array[]];
  for (const one of words) {
    offerRing(one, GENERATION);
    takeOwnership(one, GENERATION);
  }
  return { rings, words, generation: generationOf(rings) };
}

describe('the status of a worker', () => {
  it('is unchanged while no word of any of its rings moves', () => {
    const { words, generation } = takenRings(2);
    const before = readStatus(generation);
    expect(isUnchanged(readStatus(generation), before)).toBe(true);
    Atomics.add(words[1] as Int32Array, BEAT, 1);
    expect(isUnchanged(readStatus(generation), before)).toBe(false);
    expect(isUnchanged(readStatus(generation), undefined)).toBe(false);
  });

  it('shows the record or the batch that it works on', () => {
    const { words, generation } = takenRings();
    const [own] = words;
    own[TAKING] = own[BATCH_AT] = 64;
    expect(readStatus(generation).work).toBeUndefined();
    own[TAKING_NOW] = 1;
    expect(readStatus(generation).work).toMatchObject({ what: 'record', position: 64 });
    own[TAKING_NOW] = 0;
    own[BATCH_NOW] = 1;
    expect(readStatus(generation).work).toMatchObject({ what: 'batch', position: 64 });
    own[BATCH_NOW] = 2;
    expect(readStatus(generation).work).toMatchObject({ what: 'spooled batch', position: 64 });
  });

  it('does not show the work of its predecessor', () => {
    const { words, generation } = takenRings();
    words[0][TAKING_NOW] = 1;
    offerRing(words[0], GENERATION + 1);
    expect(readStatus(generation).work).toBeUndefined();
  });
});

describe('the thread of a worker', () => {
  it('is read with its generation, as the owner wrote it', () => {
    const [own] = takenRings().words;
    expect(threadOf(own, GENERATION)).toBeUndefined();
    writeThread(own, GENERATION, 4_194_303);
    expect(threadOf(own, GENERATION)).toBe(4_194_303);
    expect(threadOf(own, GENERATION + 1)).toBeUndefined();
    writeThread(own, 511, 1);
    expect(threadOf(own, 511)).toBe(1);
  });

  it.runIf(process.platform === 'linux')('has ended when the system no longer has it, and not before', () => {
    const { words, generation } = takenRings();
    expect(threadState(generation)).toBe('unknown');
    writeThread(words[0], GENERATION, process.pid);
    expect(threadState(generation)).toBe('runs');
    // No thread of this process.
    writeThread(words[0], GENERATION, 1);
    expect(threadState(generation)).toBe('ended');
  });

  it('has ended when it has written so', () => {
    const { words, generation } = takenRings();
    words[0][ENDED] = GENERATION - 1;
    expect(threadState(generation)).toBe('unknown');
    words[0][ENDED] = GENERATION;
    expect(threadState(generation)).toBe('ended');
  });
});

it('checks until nothing waits any more', async () => {
  const { rings, words } = takenRings();
  const [own] = words;
  own[TAIL] = 64;
  const pool = {
    shared: { ring: rings[0] },
    further: new Map(),
    options: { workerStuckMs: 100 },
    state: 'running',
    get consumer() {
      // It has checked: by the next time all has settled.
      own[HEAD] = 64;
      return undefined;
    },
  };
  await new Promise<void>((resolve) => createWatchdog(pool as unknown as WorkerPool, resolve).begin());
  expect(own[HEAD]).toBe(64);
});
