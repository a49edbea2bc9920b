/** How rings of other threads come to an engine, and what becomes of them when their thread or the engine ends. */
import { BroadcastChannel, MessageChannel, type MessagePort, threadId } from 'node:worker_threads';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { AttachedMessage, OwnerMessage } from '../../../../src/shared/contract/attachment.js';

/** What the consumer is asked for; a test settles records by it. */
const consumer = { calls: [] as string[], onFlush: () => {} };
const rings: string[] = [];

vi.mock('../../../../src/producer/worker/worker-host.js', () => ({
  addRing: (_host: unknown, ring: number) => void rings.push(`add ${ring}`),
  removeRing: (_host: unknown, ring: number) => void rings.push(`remove ${ring}`),
  callConsumer: async (_host: unknown, call: (control: object) => Promise<void>) => {
    await call({
      async flush(targets: { ring: number }[]) {
        consumer.calls.push(`flush ${targets.map(({ ring }) => ring)}`);
        consumer.onFlush();
      },
      release: async (ring: number) => void consumer.calls.push(`release ${ring}`),
    });
    return true;
  },
}));

const { countAttached, createAttachedRings, dismissThreads, doorOf, endThreads, tailsOf, tellThread } =
  await import('../../../../src/producer/attach/attached-rings.js');
const { askIn } = await import('../../../../src/producer/attach/attach-channel.js');
const { allocateSharedRing, borrowRing } = await import('../../../../src/producer/attach/ring-pool.js');
const { ACCEPTED, ringMemory, SENT, TAIL } = await import('../../../../src/shared/ring/ring-layout.js');

type SharedRing = import('../../../../src/shared/ring/ring-layout.js').SharedRing;

const SIZES = { ringBytes: 4096, sideLaneBytes: 4096 };

let attached: ReturnType<typeof createAttachedRings>;
let engineId: string;
let stock: readonly SharedRing[];
let notices: { events: number }[];
let waits: number;

beforeEach(() => {
  consumer.calls.length = 0;
  consumer.onFlush = () => {};
  rings.length = 0;
  notices = [];
  waits = 0;
  const host = {
    nextRing: 1,
    state: 'running',
    onNotice: (notice: { events: number }) => notices.push(notice),
  };
  attached = createAttachedRings(host as never, () => waits++);
  const handle = doorOf(attached, SIZES);
  engineId = handle.id;
  stock = handle.stock;
  onTestFinished(async () => {
    await endThreads(attached);
  });
});

interface Thread {
  readonly shared: SharedRing;
  readonly heard: OwnerMessage[];
  send(message: AttachedMessage): void;
  /** Its end closes the port, however it ends. */
  end(): void;
}

/** Attaches as a thread does; this one shares the engine's thread, which is allowed. */
async function attach(shared: SharedRing = allocateSharedRing(4096, 4096)): Promise<Thread> {
  const { port1, port2 } = new MessageChannel();
  expect(await askIn(threadId, { kind: 'tailrace:attach', engineId, shared, port: port2 })).toBe(true);
  return threadOn(shared, port1);
}

function threadOn(shared: SharedRing, port: MessagePort): Thread {
  const heard: OwnerMessage[] = [];
  port.on('message', (message: OwnerMessage) => heard.push(message));
  onTestFinished(() => port.close());
  return { shared, heard, send: (message) => port.postMessage(message), end: () => port.close() };
}

/** As if the thread had pushed, and the consumer had sent, some events. */
function push({ shared }: Thread, accepted: number, sent = 0): void {
  const memory = ringMemory(shared.ring);
  memory.totals[ACCEPTED]! += accepted;
  Atomics.add(memory.counters, SENT, BigInt(sent));
  Atomics.add(memory.words, TAIL, 64 * accepted);
}

const until = (check: () => void): Promise<void> => vi.waitFor(check, { interval: 1 });

describe('a ring', () => {
  it('that was posted is received without waiting for the event loop', () => {
    const shared = allocateSharedRing(4096, 4096);
    ringMemory(shared.ring).totals[ACCEPTED] = 3;
    const channel = new BroadcastChannel(engineId);
    channel.postMessage(shared);
    channel.close();
    expect(countAttached(attached)).toMatchObject({ accepted: 3, pending: 3 });
    expect(rings).toEqual(['add 1']);
  });

  it('is given to the consumer, and its counts and tail are known', async () => {
    push(await attach(), 2, 1);
    push(await attach(), 5);
    expect(rings).toEqual(['add 1', 'add 2']);
    expect(countAttached(attached)).toMatchObject({ accepted: 7, sent: 1, pending: 6 });
    expect(tailsOf(attached).map(({ ring, tail }) => [ring, tail])).toEqual([
      [1, 128],
      [2, 320],
    ]);
  });

  it('is released when its thread has closed, and the thread is told how much was abandoned', async () => {
    const thread = await attach();
    push(thread, 3, 1);
    thread.send({ kind: 'close' });
    await until(() => expect(thread.heard).toEqual([{ kind: 'closed', abandoned: 2 }]));
    expect(consumer.calls).toEqual(['release 1']);
    expect(rings).toEqual(['add 1', 'remove 1']);
    // What it counted stays in the sum; what was abandoned counts as failed.
    expect(countAttached(attached)).toMatchObject({ accepted: 3, sent: 1, failed: 2, pending: 0 });
    expect(notices).toEqual([]);
  });

  it('of a thread that has ended is delivered first, however it ended', async () => {
    const thread = await attach();
    push(thread, 3);
    consumer.onFlush = () => void Atomics.add(ringMemory(thread.shared.ring).counters, SENT, 3n);
    thread.end();
    await until(() => expect(rings).toContain('remove 1'));
    expect(consumer.calls).toEqual(['flush 1', 'release 1']);
    expect(countAttached(attached)).toMatchObject({ accepted: 3, sent: 3, failed: 0 });
    expect(notices).toEqual([]);
  });

  it('of a thread that has ended, if it cannot be delivered, is an error of its owner', async () => {
    const thread = await attach();
    push(thread, 3);
    thread.end();
    await until(() => expect(notices).toHaveLength(1));
    expect(notices[0]).toMatchObject({ kind: 'error', events: 3 });
  });

  it('that was lent can be lent again once its thread has ended, as good as new', async () => {
    const lent = borrowRing(stock) as SharedRing;
    const thread = await attach(lent);
    push(thread, 1, 1);
    thread.end();
    await until(() => expect(borrowRing(stock)).toBe(lent));
    expect(ringMemory(lent.ring).totals[ACCEPTED]).toBe(0);
  });
});

describe('a thread', () => {
  it('says when its events stand still', async () => {
    const thread = await attach();
    thread.send({ kind: 'waiting' });
    await until(() => expect(waits).toBe(1));
  });

  it('hears of its failed events as long as it is there', async () => {
    const thread = await attach();
    const notice = { kind: 'error', message: 'refused', events: 2, number: undefined } as const;
    expect(tellThread(attached, { ...notice, ring: 1 })).toBe(true);
    expect(tellThread(attached, { ...notice, ring: 99 })).toBe(false);
    await until(() => expect(thread.heard).toEqual([{ kind: 'error', message: 'refused', events: 2 }]));
  });
});

describe('when the engine shuts down', () => {
  it('threads are told to write what is open, and waited for', async () => {
    const thread = await attach();
    let isEnded = false;
    const ending = endThreads(attached).then(() => {
      isEnded = true;
    });
    await until(() => expect(thread.heard).toEqual([{ kind: 'end' }]));
    expect(isEnded).toBe(false);
    thread.send({ kind: 'ended' });
    await ending;
  });

  it('one that does not answer is not waited for long', async () => {
    await attach();
    const startedAt = performance.now();
    await endThreads(attached);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('no thread can attach any more', async () => {
    await endThreads(attached);
    const { port1, port2 } = new MessageChannel();
    const shared = allocateSharedRing(4096, 4096);
    expect(await askIn(threadId, { kind: 'tailrace:attach', engineId, shared, port: port2 })).toBe(false);
    port1.close();
    expect(rings).toEqual([]);
  });

  it('what is undelivered is failed: threads are told of theirs, the rest is told to the owner', async () => {
    const there = await attach();
    push(there, 2);
    const gone = allocateSharedRing(4096, 4096);
    ringMemory(gone.ring).totals[ACCEPTED] = 4;
    const channel = new BroadcastChannel(engineId);
    channel.postMessage(gone);
    channel.close();
    expect(countAttached(attached)).toMatchObject({ pending: 6 });
    expect(dismissThreads(attached, false)).toBe(4);
    await until(() => expect(there.heard).toEqual([{ kind: 'closed', abandoned: 2 }]));
    expect(countAttached(attached)).toMatchObject({ accepted: 6, failed: 6, pending: 0 });
  });

  it('at the end of the process nobody hears anything: all is told to the owner', async () => {
    push(await attach(), 2);
    expect(dismissThreads(attached, true)).toBe(2);
  });
});
