/**
 * The rings of other threads that an engine's consumer empties as well. The engine keeps a ring from the moment that a thread
 * asks for it until all its records have settled, which may be long after the thread's end.
 */

import type { MessagePort } from 'node:worker_threads';
import { message } from '../../messages/message.js';
import type {
  AttachedMessage,
  AttachRequest,
  EngineHandle,
  OwnerMessage,
} from '../../shared/contract/attachment.js';
import { type Notice, OWN_RING, type RingTail } from '../../shared/contract/control.js';
import type { Counts } from '../../shared/contract/counts.js';
import type { EngineOptions } from '../../shared/contract/engine-options.js';
import { NUMBER, type RingMemory, ringMemory, type SharedRing, TAIL } from '../../shared/ring/ring-layout.js';
import { abandonPending, noCounts, readCounts, sumCounts } from '../../shared/ring/totals.js';
import { setImmediate, setTimeout } from '../../shared/runtime/real-time.js';
import { runOutside } from '../../shared/runtime/suppression.js';
import { within } from '../../shared/runtime/timeout.js';
import { addRing, callConsumer, removeRing } from '../worker/pool-calls.js';
import type { WorkerPool } from '../worker/worker-pool.js';
import { type AttachChannel, adoptWaiting, listen, stopListening } from './attach-channel.js';
import { createRingPool, isLent, returnRing } from './ring-pool.js';

export interface AttachedRings {
  readonly pool: WorkerPool;
  /** Called when a thread reports that its events have not moved. */
  readonly onWaiting: () => void;
  /** By the ring's number. */
  readonly rings: Map<number, AttachedRing>;
  /** Counts of the rings that are gone. */
  past: Counts;
  /** Undefined until a handle is asked for. */
  engineId: string | undefined;
  ringPool: readonly SharedRing[] | undefined;
  /** Undefined until a handle is asked for, and once `isClosed`. */
  channel: AttachChannel | undefined;
  isClosed: boolean;
}

interface AttachedRing {
  readonly ring: number;
  readonly memory: RingMemory;
  /** Undefined until the thread's port has come. */
  port: MessagePort | undefined;
  /** Whether the thread is still there. */
  isOpen: boolean;
  /** Called when the thread has written its last event, or is gone. */
  onEnded: () => void;
}

/** Time for the threads to write what is still open, when their owner shuts down. */
const END_TIMEOUT_MS = 1_000;

/** If a thread's port has not come after this, the thread has ended before it could post it. */
const PORT_TIMEOUT_MS = 10_000;

export function createAttachedRings(pool: WorkerPool, onWaiting: () => void): AttachedRings {
  return {
    pool,
    onWaiting,
    rings: new Map(),
    past: noCounts(),
    engineId: undefined,
    ringPool: undefined,
    channel: undefined,
    isClosed: false,
  };
}

/** Lets other threads attach, until `endThreads`. Returns the part of the handle that they need. */
export function listenForThreads(
  attached: AttachedRings,
  { ringBytes, sideLaneBytes }: Pick<EngineOptions, 'ringBytes' | 'sideLaneBytes'>,
): EngineHandle['engines'][number] {
  attached.engineId ??= process.getBuiltinModule('node:crypto').randomUUID();
  attached.ringPool ??= createRingPool(ringBytes, sideLaneBytes);
  if (!attached.isClosed) {
    attached.channel ??= runOutside(() =>
      listen(attached.engineId as string, {
        adopt: (shared) => adopt(attached, shared),
        connect: (request) => connect(attached, request),
      }),
    );
  }
  return { id: attached.engineId, ringPool: attached.ringPool };
}

/** The counts of all rings that are attached, and of those that were. */
export function countAttached(attached: AttachedRings): Counts {
  receive(attached);
  const { rings, past } = attached;
  return sumCounts([past, ...Array.from(rings.values(), ({ memory }) => readCounts(memory))]);
}

export function tailsOf(attached: AttachedRings): (RingTail & { readonly words: Int32Array })[] {
  receive(attached);
  return Array.from(attached.rings.values(), ({ ring, memory: { words } }) => ({
    ring,
    words,
    tail: Atomics.load(words, TAIL),
  }));
}

/** Reports failed events to the thread of their ring. False: the thread is gone. */
export function notifyThread({ rings }: AttachedRings, notice: Extract<Notice, { kind: 'error' }>): boolean {
  const one = rings.get(notice.ring);
  if (one === undefined) return false;
  return post(one, { kind: 'error', code: notice.code, text: notice.text, events: notice.events });
}

/** Asks all threads to write what is open, and waits until they have, but not long for a busy one. */
export async function endThreads(attached: AttachedRings): Promise<void> {
  receive(attached);
  attached.isClosed = true;
  if (attached.channel !== undefined) stopListening(attached.channel);
  attached.channel = undefined;
  const ended = Array.from(attached.rings.values())
    .filter(({ isOpen, port }) => isOpen && port !== undefined)
    .map((one) => {
      post(one, { kind: 'end' });
      return new Promise<void>((resolve) => {
        one.onEnded = resolve;
      });
    });
  if (ended.length === 0) return;
  // Keeps the process alive: the ports do not, and the threads may not either.
  await within(END_TIMEOUT_MS, () => Promise.all(ended));
}

/**
 * Counts what is undelivered as failed, once the consumer is gone. Returns the number of events that no thread can report: the
 * thread is gone, or ends with the process.
 */
export function abandonThreads(attached: AttachedRings, isProcessEnd: boolean): number {
  let unreported = 0;
  for (const one of attached.rings.values()) {
    const abandoned = abandonPending(one.memory);
    if (isProcessEnd || !post(one, { kind: 'closed', abandoned })) unreported += abandoned;
    forget(attached, one);
  }
  return unreported;
}

function receive({ channel }: AttachedRings): void {
  if (channel !== undefined) adoptWaiting(channel);
}

function adopt(attached: AttachedRings, shared: SharedRing): AttachedRing {
  const ring = attached.pool.nextRing++;
  const memory = ringMemory(shared.ring);
  const one: AttachedRing = { ring, memory, port: undefined, isOpen: true, onEnded: () => {} };
  attached.rings.set(ring, one);
  Atomics.store(memory.words, NUMBER, ring);
  addRing(attached.pool, ring, shared);
  // After this thread was blocked, timers come before messages: the port's message gets one more turn.
  const check = () => setImmediate(() => one.port ?? end(attached, one));
  setTimeout(check, PORT_TIMEOUT_MS).unref();
  return one;
}

function connect(attached: AttachedRings, { shared, port }: AttachRequest): void {
  receive(attached);
  const number = Atomics.load(ringMemory(shared.ring).words, NUMBER);
  // A request within one thread does not post the ring first.
  const one = number === 0 ? adopt(attached, shared) : attached.rings.get(number);
  if (one === undefined || !one.isOpen) {
    port.close();
    return;
  }
  one.port = port;
  port.on('message', (message: AttachedMessage) => {
    if (message.kind === 'waiting') return attached.onWaiting();
    if (message.kind === 'close') void detach(attached, one);
    one.onEnded();
  });
  port.on('close', () => end(attached, one));
  // Listening on a port refs it.
  port.unref();
}

function end(attached: AttachedRings, one: AttachedRing): void {
  one.isOpen = false;
  one.onEnded();
  if (attached.rings.has(one.ring)) void settleAndDetach(attached, one);
  else returnOrClose(attached, one);
}

/** Delivers what a thread that is gone has left, however long that takes. */
async function settleAndDetach(attached: AttachedRings, one: AttachedRing): Promise<void> {
  const { pool } = attached;
  const { ring, memory } = one;
  const tail = Atomics.load(memory.words, TAIL);
  // It need not keep the process alive: the end of the process flushes this ring as well.
  await callConsumer(pool, (control) => control.flush([{ ring, tail }], false), { keepsAlive: false });
  // Records on disk are sent and counted by the engine's own ring from here on.
  await detach(attached, one);
}

/** Ends the consumer's work on a ring, and counts its undelivered records as failed. */
async function detach(attached: AttachedRings, one: AttachedRing): Promise<void> {
  const { pool, rings } = attached;
  const { ring, memory } = one;
  await callConsumer(pool, (control) => control.detach(ring), { keepsAlive: false });
  // Its owner has shut down meanwhile, and has counted the rest.
  if (!rings.has(ring) || pool.state === 'stopped') return;
  const abandoned = abandonPending(memory);
  if (!post(one, { kind: 'closed', abandoned }) && abandoned > 0) {
    const undelivered = message('TAILRACE_THREAD_UNDELIVERED', abandoned);
    pool.onNotice({ kind: 'error', ring: OWN_RING, ...undelivered, events: abandoned, number: undefined });
  }
  forget(attached, one);
}

function forget(attached: AttachedRings, one: AttachedRing): void {
  const { ring, memory } = one;
  const counts = readCounts(memory);
  attached.rings.delete(ring);
  // Events that a busy thread has pushed since then are counted and reported by that thread.
  const accepted = counts.accepted - counts.pending;
  attached.past = sumCounts([attached.past, { ...counts, accepted, pending: 0 }]);
  removeRing(attached.pool, ring);
  returnOrClose(attached, one);
}

/** A ring of the pool becomes free again once its thread has closed the port, or has ended. */
function returnOrClose({ isClosed }: AttachedRings, { memory, port, isOpen }: AttachedRing): void {
  if (isClosed || !isLent(memory)) port?.close();
  else if (!isOpen && port !== undefined) returnRing(memory);
}

/** False: the thread is gone. */
function post({ isOpen, port }: AttachedRing, message: OwnerMessage): boolean {
  if (!isOpen || port === undefined) return false;
  port.postMessage(message);
  return true;
}
