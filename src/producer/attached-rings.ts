/**
 * The rings of other threads that an engine's consumer empties as well: from the moment that a thread asks for it until
 * all on its ring has settled, which may be long after the thread's end.
 */
import { setTimeout } from 'node:timers/promises';
import type { MessagePort } from 'node:worker_threads';
import {
  type AttachedMessage,
  type AttachRequest,
  isAttachRequest,
  type OwnerMessage,
} from '../shared/attachment.js';
import type { Notice, RingTail } from '../shared/control.js';
import type { Counts } from '../shared/counts.js';
import { type RingMemory, ringMemory, TAIL } from '../shared/ring-layout.js';
import { abandonPending, noCounts, readCounts, sumCounts } from '../shared/totals.js';
import { addRing, callConsumer, removeRing, type WorkerHost } from './worker-host.js';

export interface AttachedRings {
  readonly host: WorkerHost;
  /** By the ring's number. */
  readonly rings: Map<number, AttachedRing>;
  nextRing: number;
  /** What has become of the events on rings that are gone. */
  past: Counts;
  /** Under which it is asked for; undefined while nobody can. */
  engineId: string | undefined;
}

interface AttachedRing {
  readonly ring: number;
  readonly memory: RingMemory;
  readonly port: MessagePort;
  /** Whether the thread is still there. */
  isOpen: boolean;
  /** Called when the thread has written its last, or is gone. */
  onEnded: () => void;
}

/** Time for a thread to write what is still open, when its owner shuts down. */
const END_TIMEOUT_MS = 1_000;

/** So often is looked whether a thread that is gone has something left on disk. */
const SPOOL_LOOK_MS = 1_000;

/** The engines of this thread that others may attach to, by their ids. */
const doors = new Map<string, (request: AttachRequest) => void>();

export function createAttachedRings(host: WorkerHost): AttachedRings {
  return { host, rings: new Map(), nextRing: 1, past: noCounts(), engineId: undefined };
}

/** The id under which other threads attach to it. */
export function openDoor(attached: AttachedRings): string {
  if (attached.engineId === undefined) {
    attached.engineId = process.getBuiltinModule('node:crypto').randomUUID();
    if (doors.size === 0) process.on('workerMessage', onWorkerMessage);
    doors.set(attached.engineId, (request) => takeIn(attached, request));
  }
  return attached.engineId;
}

/** Hands a request on, to be called directly within one thread. False: there is no such engine any more. */
export function knock(request: AttachRequest): boolean {
  const door = doors.get(request.engineId);
  door?.(request);
  return door !== undefined;
}

/** The counts of all that are attached and of those that were. */
export function countAttached({ rings, past }: AttachedRings): Counts {
  return sumCounts([past, ...Array.from(rings.values(), ({ memory }) => readCounts(memory))]);
}

export function tailsOf({ rings }: AttachedRings): (RingTail & { readonly words: Int32Array })[] {
  return Array.from(rings.values(), ({ ring, memory: { words } }) => ({
    ring,
    words,
    tail: Atomics.load(words, TAIL),
  }));
}

/** Events of one ring have failed. False: its thread is gone, and does not hear of it. */
export function tellThread({ rings }: AttachedRings, notice: Extract<Notice, { kind: 'error' }>): boolean {
  const one = rings.get(notice.ring);
  if (one === undefined || !one.isOpen) return false;
  say(one, { kind: 'error', message: notice.message, events: notice.events });
  return true;
}

/** Tells all threads to write what is open, and waits until they have; for one that is busy, not long. */
export async function endThreads(attached: AttachedRings): Promise<void> {
  closeDoor(attached);
  const ended = Array.from(attached.rings.values())
    .filter(({ isOpen }) => isOpen)
    .map((one) => {
      say(one, { kind: 'end' });
      return new Promise<void>((resolve) => {
        one.onEnded = resolve;
      });
    });
  if (ended.length === 0) return;
  await Promise.race([Promise.all(ended), setTimeout(END_TIMEOUT_MS, undefined, { ref: false })]);
}

/**
 * The consumer is gone: counts what is undelivered as failed. Returns how many events of threads that do not hear of it:
 * they are gone, or end with the process.
 */
export function dismissThreads(attached: AttachedRings, isProcessEnd: boolean): number {
  let untold = 0;
  for (const one of attached.rings.values()) {
    const abandoned = abandonPending(one.memory);
    if (one.isOpen && !isProcessEnd) say(one, { kind: 'closed', abandoned });
    else untold += abandoned;
    forget(attached, one);
  }
  return untold;
}

function onWorkerMessage(message: unknown): void {
  if (isAttachRequest(message) && !knock(message)) message.port.close();
}

function closeDoor({ engineId }: AttachedRings): void {
  if (engineId !== undefined && doors.delete(engineId) && doors.size === 0) {
    process.off('workerMessage', onWorkerMessage);
  }
}

function takeIn(attached: AttachedRings, { shared, port }: AttachRequest): void {
  const ring = attached.nextRing++;
  const one: AttachedRing = {
    ring,
    memory: ringMemory(shared.ring),
    port,
    isOpen: true,
    onEnded: () => {},
  };
  attached.rings.set(ring, one);
  port.on('message', (message: AttachedMessage) => {
    if (message.kind === 'close') void release(attached, one);
    one.onEnded();
  });
  port.on('close', () => {
    one.isOpen = false;
    one.onEnded();
    void settleAndRelease(attached, one);
  });
  // To listen on a port is to ref it.
  port.unref();
  addRing(attached.host, ring, shared);
}

/** The thread is gone: what it has left is delivered, however long it takes. */
async function settleAndRelease(attached: AttachedRings, one: AttachedRing): Promise<void> {
  const { host, rings } = attached;
  const { ring, memory } = one;
  if (!rings.has(ring)) return;
  const tail = Atomics.load(memory.words, TAIL);
  // What ends the process flushes it too.
  await callConsumer(host, (control) => control.flush([{ ring, tail }], false), { keepsAlive: false });
  // What it has left on disk is its own to send, and to count.
  while (readCounts(memory).spooled > 0 && rings.has(ring)) {
    await setTimeout(SPOOL_LOOK_MS, undefined, { ref: false });
  }
  await release(attached, one);
}

async function release(attached: AttachedRings, one: AttachedRing): Promise<void> {
  const { host, rings } = attached;
  const { ring, memory } = one;
  await callConsumer(host, (control) => control.release(ring), { keepsAlive: false });
  // Its owner has shut down meanwhile, and has seen to it.
  if (!rings.has(ring) || host.state === 'stopped') return;
  const abandoned = abandonPending(memory);
  if (one.isOpen) say(one, { kind: 'closed', abandoned });
  forget(attached, one);
}

function forget(attached: AttachedRings, { ring, memory, port }: AttachedRing): void {
  attached.rings.delete(ring);
  attached.past = sumCounts([attached.past, readCounts(memory)]);
  removeRing(attached.host, ring);
  port.close();
}

function say({ port }: AttachedRing, message: OwnerMessage): void {
  port.postMessage(message);
}
