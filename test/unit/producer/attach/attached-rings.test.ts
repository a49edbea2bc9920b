/** The rings of attached threads, from the owner's side. */
import { MessageChannel, threadId } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { requestAttach } from '../../../../src/producer/attach/attach-channel.js';
import {
  type AttachedRings,
  abandonThreads,
  countAttached,
  createAttachedRings,
  endThreads,
  listenForThreads,
  notifyThread,
  tailsOf,
} from '../../../../src/producer/attach/attached-rings.js';
import { allocateSharedRing, borrowRing, isLent } from '../../../../src/producer/attach/ring-pool.js';
import {
  beginRecord,
  createRingWriter,
  publishRecord,
  type RingWriter,
} from '../../../../src/producer/push/ring-writer.js';
import { createWorkerPool, type WorkerPool } from '../../../../src/producer/worker/worker-pool.js';
import type { Notice } from '../../../../src/shared/contract/control.js';
import type { EngineOptions } from '../../../../src/shared/contract/engine-options.js';
import { EVENT, ringMemory, type SharedRing } from '../../../../src/shared/ring/ring-layout.js';

const SIZES = { ringBytes: 4096, sideLaneBytes: 65_536 };

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** An engine whose consumer is gone, so that what attached threads push stays on their rings. */
function owner() {
  const notices: Notice[] = [];
  const own = allocateSharedRing(SIZES.ringBytes, SIZES.sideLaneBytes);
  const pool: WorkerPool = createWorkerPool(own, {} as EngineOptions, (notice) => notices.push(notice));
  pool.state = 'running';
  // Any generation will do: it is only offered further rings.
  pool.consumer = {
    generation: { rings: [], init: { workerGeneration: 1 }, workerPort: { postMessage() {} } },
    started: Promise.resolve(),
  } as unknown as WorkerPool['consumer'];
  const waiting: number[] = [];
  const attached = createAttachedRings(pool, () => waiting.push(1));
  ends.push(async () => {
    abandonThreads(attached, true);
    await endThreads(attached);
  });
  return { attached, pool, notices, waiting, engine: listenForThreads(attached, SIZES) };
}

/** A thread that attaches: this one, as its port and ring are all that the owner sees. */
async function attach(engineId: string, shared = allocateSharedRing(SIZES.ringBytes, SIZES.sideLaneBytes)) {
  const { port1: port, port2 } = new MessageChannel();
  const messages: unknown[] = [];
  port.on('message', (message) => messages.push(message));
  ends.push(async () => port.close());
  const isAttached = await requestAttach(threadId, {
    kind: 'tailrace:attach',
    engineId,
    shared,
    port: port2,
  });
  return { isAttached, port, messages, shared, ring: createRingWriter(shared.ring) };
}

function push(ring: RingWriter): void {
  beginRecord(ring);
  ring.out.position += 8;
  publishRecord(ring, EVENT);
}

const until = async (isTrue: () => boolean): Promise<void> => {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
};

const numberOf = ({ rings }: AttachedRings): number => rings.keys().next().value as number;

describe('a thread that attaches', () => {
  it('has its ring numbered, counted and flushed with those of the engine', async () => {
    const { attached, engine } = owner();
    const { isAttached, ring } = await attach(engine.id);
    push(ring);
    expect(isAttached).toBe(true);
    expect(countAttached(attached)).toMatchObject({ accepted: 1, pending: 1 });
    expect(tailsOf(attached)).toMatchObject([{ ring: 1, tail: ring.tail }]);
  });

  it('is refused where no engine has this id', async () => {
    owner();
    expect(await attach('another')).toMatchObject({ isAttached: false });
  });

  it('gets the notices of its own ring until it is gone', async () => {
    const { attached, engine } = owner();
    const { port, messages } = await attach(engine.id);
    const notice = {
      kind: 'error',
      ring: numberOf(attached),
      code: 'TAILRACE_NOT_DELIVERED',
      text: 'lost',
      events: 2,
      number: 1,
    } as const;
    expect(notifyThread(attached, { ...notice, ring: 99 })).toBe(false);
    expect(notifyThread(attached, notice)).toBe(true);
    await until(() => messages.length > 0);
    expect(messages).toEqual([{ kind: 'error', code: 'TAILRACE_NOT_DELIVERED', text: 'lost', events: 2 }]);
    port.close();
    await until(() => attached.rings.get(notice.ring)?.isOpen !== true);
    expect(notifyThread(attached, notice)).toBe(false);
  });

  it('reports that its events have not settled', async () => {
    const { engine, waiting } = owner();
    const { port } = await attach(engine.id);
    port.postMessage({ kind: 'waiting' });
    await until(() => waiting.length === 1);
  });
});

describe('at the shutdown of the owner', () => {
  it('each thread is asked to write what is open, and waited for', async () => {
    const { attached, engine } = owner();
    const { port, messages, ring } = await attach(engine.id);
    port.on('message', () => {
      push(ring);
      port.postMessage({ kind: 'ended' });
    });
    await endThreads(attached);
    expect(messages).toEqual([{ kind: 'end' }]);
    expect(countAttached(attached).accepted).toBe(1);
    expect(await attach(engine.id)).toMatchObject({ isAttached: false });
  });

  it('undelivered events count as failed, and their thread reports them', async () => {
    const { attached, engine } = owner();
    const { messages, ring } = await attach(engine.id);
    push(ring);
    push(ring);
    expect(abandonThreads(attached, false)).toBe(0);
    expect(countAttached(attached)).toMatchObject({ accepted: 2, failed: 2, pending: 0 });
    await until(() => messages.length > 0);
    expect(messages).toEqual([{ kind: 'closed', abandoned: 2 }]);
  });

  it('the owner reports those of threads that end with the process', async () => {
    const { attached, engine } = owner();
    const { ring } = await attach(engine.id);
    push(ring);
    expect(abandonThreads(attached, true)).toBe(1);
  });
});

describe('a ring of the pool', () => {
  it('is free again once its thread has ended, and has been detached', async () => {
    const { attached, engine, pool } = owner();
    const shared = borrowRing(engine.ringPool) as SharedRing;
    const { port } = await attach(engine.id, shared);
    expect(isLent(ringMemory(shared.ring))).toBe(true);
    // No consumer is left that could be asked.
    pool.consumer = undefined;
    port.close();
    await until(() => attached.rings.size === 0);
    expect(isLent(ringMemory(shared.ring))).toBe(false);
    expect(borrowRing(engine.ringPool)).toBe(shared);
  });

  it('is not lent twice, and not lent when all are', () => {
    const { engine } = owner();
    const lent = engine.ringPool.map(() => borrowRing(engine.ringPool));
    expect(new Set(lent).size).toBe(engine.ringPool.length);
    expect(borrowRing(engine.ringPool)).toBeUndefined();
  });
});
