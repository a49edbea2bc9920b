/**
 * The rings of other threads that an engine's consumer empties as well: from the moment that a thread asks for it until
 * all on its ring has settled, which may be long after the thread's end.
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
import type { EngineOptions } from '../../shared/options.js';
import { NUMBER, type RingMemory, ringMemory, type SharedRing, TAIL } from '../../shared/ring/ring-layout.js';
import { abandonPending, noCounts, readCounts, sumCounts } from '../../shared/ring/totals.js';
import { setImmediate, setTimeout } from '../../shared/runtime/real-time.js';
import { runOutside } from '../../shared/runtime/suppression.js';
import { within } from '../within.js';
import { addRing, callConsumer, removeRing, type WorkerHost } from '../worker/worker-host.js';
import { closeDoor, type Door, openDoor, receiveRings } from './attach-channel.js';
import { createStock, isLent, takeBack } from './ring-pool.js';

export interface AttachedRings {
  readonly host: WorkerHost;
  /** Called when a thread says that its events stand still. */
  readonly onWaiting: () => void;
  /** By the ring's number. */
  readonly rings: Map<number, AttachedRing>;
  /** What has become of the events on rings that are gone. */
  past: Counts;
  /** Undefined while nobody has asked for it. */
  engineId: string | undefined;
  stock: readonly SharedRing[] | undefined;
  /** Undefined while nobody comes in, and for ever when `isClosed`. */
  door: Door | undefined;
  isClosed: boolean;
}

interface AttachedRing {
  readonly ring: number;
  readonly memory: RingMemory;
  /** Undefined while only the ring has come. */
  port: MessagePort | undefined;
  /** Whether the thread is still there. */
  isOpen: boolean;
  /** Called when the thread has written its last, or is gone. */
  onEnded: () => void;
}

/** Time for a thread to write what is still open, when its owner shuts down. */
const END_TIMEOUT_MS = 1_000;

/** A thread whose port has not come after this has ended before it could post it. */
const PORT_TIMEOUT_MS = 10_000;

export function createAttachedRings(host: WorkerHost, onWaiting: () => void): AttachedRings {
  return {
    host,
    onWaiting,
    rings: new Map(),
    past: noCounts(),
    engineId: undefined,
    stock: undefined,
    door: undefined,
    isClosed: false,
  };
}

/** Where other threads attach to it, and the rings that it lends them. After its end none can. */
export function doorOf(
  attached: AttachedRings,
  { ringBytes, sideLaneBytes }: Pick<EngineOptions, 'ringBytes' | 'sideLaneBytes'>,
): EngineHandle['engines'][number] {
  attached.engineId ??= process.getBuiltinModule('node:crypto').randomUUID();
  attached.stock ??= createStock(ringBytes, sideLaneBytes);
  if (!attached.isClosed) {
    attached.door ??= runOutside(() =>
      openDoor(attached.engineId as string, {
        takeIn: (shared) => takeIn(attached, shared),
        connect: (request) => connect(attached, request),
      }),
    );
  }
  return { id: attached.engineId, stock: attached.stock };
}

/** The counts of all that are attached and of those that were. */
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

/** Events of one ring have failed. False: its thread is gone, and does not hear of it. */
export function tellThread({ rings }: AttachedRings, notice: Extract<Notice, { kind: 'error' }>): boolean {
  const one = rings.get(notice.ring);
  return (
    one !== undefined &&
    say(one, { kind: 'error', code: notice.code, text: notice.text, events: notice.events })
  );
}

/** Tells all threads to write what is open, and waits until they have; for one that is busy, not long. */
export async function endThreads(attached: AttachedRings): Promise<void> {
  receive(attached);
  attached.isClosed = true;
  if (attached.door !== undefined) closeDoor(attached.door);
  attached.door = undefined;
  const ended = Array.from(attached.rings.values())
    .filter(({ isOpen, port }) => isOpen && port !== undefined)
    .map((one) => {
      say(one, { kind: 'end' });
      return new Promise<void>((resolve) => {
        one.onEnded = resolve;
      });
    });
  if (ended.length === 0) return;
  // It keeps the process alive: neither the ports nor, perhaps, the threads do until they have answered.
  await within(END_TIMEOUT_MS, () => Promise.all(ended));
}

/**
 * The consumer is gone: counts what is undelivered as failed. Returns how many events of threads that do not hear of it:
 * they are gone, or end with the process.
 */
export function dismissThreads(attached: AttachedRings, isProcessEnd: boolean): number {
  let untold = 0;
  for (const one of attached.rings.values()) {
    const abandoned = abandonPending(one.memory);
    if (isProcessEnd || !say(one, { kind: 'closed', abandoned })) untold += abandoned;
    forget(attached, one);
  }
  return untold;
}

function receive({ door }: AttachedRings): void {
  if (door !== undefined) receiveRings(door);
}

function takeIn(attached: AttachedRings, shared: SharedRing): AttachedRing {
  const ring = attached.host.nextRing++;
  const memory = ringMemory(shared.ring);
  const one: AttachedRing = { ring, memory, port: undefined, isOpen: true, onEnded: () => {} };
  attached.rings.set(ring, one);
  Atomics.store(memory.words, NUMBER, ring);
  addRing(attached.host, ring, shared);
  // After a time in which this thread was blocked, timers come before messages.
  const look = () => setImmediate(() => one.port ?? end(attached, one));
  setTimeout(look, PORT_TIMEOUT_MS).unref();
  return one;
}

/** The thread's port has come. */
function connect(attached: AttachedRings, { shared, port }: AttachRequest): void {
  receive(attached);
  const number = Atomics.load(ringMemory(shared.ring).words, NUMBER);
  // Within one thread nothing was posted before.
  const one = number === 0 ? takeIn(attached, shared) : attached.rings.get(number);
  if (one === undefined || !one.isOpen) {
    port.close();
    return;
  }
  one.port = port;
  port.on('message', (message: AttachedMessage) => {
    if (message.kind === 'waiting') return attached.onWaiting();
    if (message.kind === 'close') void release(attached, one);
    one.onEnded();
  });
  port.on('close', () => end(attached, one));
  // To listen on a port is to ref it.
  port.unref();
}

function end(attached: AttachedRings, one: AttachedRing): void {
  one.isOpen = false;
  one.onEnded();
  if (attached.rings.has(one.ring)) void settleAndRelease(attached, one);
  else giveBack(attached, one);
}

/** The thread is gone: what it has left is delivered, however long it takes. */
async function settleAndRelease(attached: AttachedRings, one: AttachedRing): Promise<void> {
  const { host } = attached;
  const { ring, memory } = one;
  const tail = Atomics.load(memory.words, TAIL);
  // What ends the process flushes it too.
  await callConsumer(host, (control) => control.flush([{ ring, tail }], false), { keepsAlive: false });
  // What it has left on disk is the client's to send, and to count.
  await release(attached, one);
}

async function release(attached: AttachedRings, one: AttachedRing): Promise<void> {
  const { host, rings } = attached;
  const { ring, memory } = one;
  await callConsumer(host, (control) => control.release(ring), { keepsAlive: false });
  // Its owner has shut down meanwhile, and has seen to it.
  if (!rings.has(ring) || host.state === 'stopped') return;
  const abandoned = abandonPending(memory);
  if (!say(one, { kind: 'closed', abandoned }) && abandoned > 0) {
    const undelivered = message('TAILRACE_THREAD_UNDELIVERED', abandoned);
    host.onNotice({ kind: 'error', ring: OWN_RING, ...undelivered, events: abandoned, number: undefined });
  }
  forget(attached, one);
}

function forget(attached: AttachedRings, one: AttachedRing): void {
  const { ring, memory } = one;
  const counts = readCounts(memory);
  attached.rings.delete(ring);
  // What a busy thread has pushed since its ring was given up, it counts and names itself.
  const accepted = counts.accepted - counts.pending;
  attached.past = sumCounts([attached.past, { ...counts, accepted, pending: 0 }]);
  removeRing(attached.host, ring);
  giveBack(attached, one);
}

/** A ring that was lent can be lent again when its thread has let go of it, or has ended. */
function giveBack({ isClosed }: AttachedRings, { memory, port, isOpen }: AttachedRing): void {
  if (isClosed || !isLent(memory)) port?.close();
  else if (!isOpen && port !== undefined) takeBack(memory);
}

/** False: the thread does not hear of it. */
function say({ isOpen, port }: AttachedRing, message: OwnerMessage): boolean {
  if (!isOpen || port === undefined) return false;
  port.postMessage(message);
  return true;
}
