/** What the watchdog sees of a consumer, when it looks, and when it does not. */
import { describe, expect, it } from 'vitest';
import { threadOfLife } from '../../../../src/producer/worker/generation-thread.js';
import { isStill, lookAt } from '../../../../src/producer/worker/sight.js';
import { createWatchdog } from '../../../../src/producer/worker/watchdog.js';
import type { Life } from '../../../../src/producer/worker/worker-generation.js';
import type { WorkerHost } from '../../../../src/producer/worker/worker-host.js';
import { claimRing, offerRing } from '../../../../src/shared/ring/ownership.js';
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
import { sayThread, threadOf } from '../../../../src/shared/ring/thread-id.js';

const LIFE = 3;

function lifeOf(rings: SharedArrayBuffer[]): Life {
  const given = rings.map((ring) => ({ words: ringMemory(ring).words, headBefore: 0 }));
  const shared = { ring: rings[0], lane: new SharedArrayBuffer(8) };
  return { given, init: { life: LIFE, shared } } as unknown as Life;
}

function takenRings(count = 1) {
  const rings = Array.from({ length: count }, () => allocateRing(4096));
  const words = rings.map((ring) => ringMemory(ring).words) as [Int32Array, ...Int32Array[]];
  for (const one of words) {
    offerRing(one, LIFE);
    claimRing(one, LIFE);
  }
  return { rings, words, life: lifeOf(rings) };
}

describe('the sight of a consumer', () => {
  it('is still while no word of any of its rings moves', () => {
    const { words, life } = takenRings(2);
    const before = lookAt(life);
    expect(isStill(lookAt(life), before)).toBe(true);
    Atomics.add(words[1] as Int32Array, BEAT, 1);
    expect(isStill(lookAt(life), before)).toBe(false);
    expect(isStill(lookAt(life), undefined)).toBe(false);
  });

  it('shows the record or the batch that it is at', () => {
    const { words, life } = takenRings();
    const [own] = words;
    own[TAKING] = own[BATCH_AT] = 64;
    expect(lookAt(life).place).toBeUndefined();
    own[TAKING_NOW] = 1;
    expect(lookAt(life).place).toMatchObject({ what: 'record', position: 64 });
    own[TAKING_NOW] = 0;
    own[BATCH_NOW] = 1;
    expect(lookAt(life).place).toMatchObject({ what: 'batch', position: 64 });
    own[BATCH_NOW] = 2;
    expect(lookAt(life).place).toMatchObject({ what: 'spooled batch', position: 64 });
  });

  it('does not show what an earlier one was at', () => {
    const { words, life } = takenRings();
    words[0][TAKING_NOW] = 1;
    offerRing(words[0], LIFE + 1);
    expect(lookAt(life).place).toBeUndefined();
  });
});

describe('the thread of a consumer', () => {
  it('is told with its number, by the one that it belongs to', () => {
    const [own] = takenRings().words;
    expect(threadOf(own, LIFE)).toBeUndefined();
    sayThread(own, LIFE, 4_194_303);
    expect(threadOf(own, LIFE)).toBe(4_194_303);
    expect(threadOf(own, LIFE + 1)).toBeUndefined();
    sayThread(own, 511, 1);
    expect(threadOf(own, 511)).toBe(1);
  });

  it.runIf(process.platform === 'linux')('has ended when the system no longer has it, and not before', () => {
    const { words, life } = takenRings();
    expect(threadOfLife(life)).toBe('unknown');
    sayThread(words[0], LIFE, process.pid);
    expect(threadOfLife(life)).toBe('runs');
    // No thread of this process.
    sayThread(words[0], LIFE, 1);
    expect(threadOfLife(life)).toBe('ended');
  });

  it('has ended when it has said so', () => {
    const { words, life } = takenRings();
    words[0][ENDED] = LIFE - 1;
    expect(threadOfLife(life)).toBe('unknown');
    words[0][ENDED] = LIFE;
    expect(threadOfLife(life)).toBe('ended');
  });
});

it('looks until nothing waits any more', async () => {
  const { rings, words } = takenRings();
  const [own] = words;
  own[TAIL] = 64;
  const host = {
    shared: { ring: rings[0] },
    further: new Map(),
    options: { workerStuckMs: 100 },
    state: 'running',
    get consumer() {
      // It has looked: by the next time all has settled.
      own[HEAD] = 64;
      return undefined;
    },
  };
  await new Promise<void>((resolve) => createWatchdog(host as unknown as WorkerHost, resolve).begin());
  expect(own[HEAD]).toBe(64);
});
