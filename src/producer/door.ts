/** Where the rings of other threads come to an engine of this thread, and how they are sent there (shared/attachment). */
import type { BroadcastChannel, MessagePort } from 'node:worker_threads';
import { type AttachRequest, isAttachRequest } from '../shared/attachment.js';
import type { SharedRing } from '../shared/ring-layout.js';

export interface Door {
  /** Under which it is found. */
  readonly engineId: string;
  /** On which rings come. */
  readonly channel: BroadcastChannel;
  readonly takeIn: (shared: SharedRing) => void;
  readonly connect: (request: AttachRequest) => void;
}

/** Those of this thread, by their engines' ids. */
const doors = new Map<string, Door>();

const threads = () => process.getBuiltinModule('node:worker_threads');

/** `takeIn` gets each ring, and `connect` its thread's port if there is time for it. */
export function openDoor(engineId: string, { takeIn, connect }: Pick<Door, 'takeIn' | 'connect'>): Door {
  const channel = new (threads().BroadcastChannel)(engineId);
  channel.onmessage = (message) => takeIn((message as { data: SharedRing }).data);
  // To listen on a channel is to ref it.
  channel.unref();
  const door: Door = { engineId, channel, takeIn, connect };
  if (doors.size === 0) process.on('workerMessage', onWorkerMessage);
  doors.set(engineId, door);
  return door;
}

export function closeDoor({ engineId, channel }: Door): void {
  channel.close();
  if (doors.delete(engineId) && doors.size === 0) process.off('workerMessage', onWorkerMessage);
}

/** Takes in what has come, without waiting for the event loop to say so. */
export function receiveRings({ channel, takeIn }: Door): void {
  const { receiveMessageOnPort } = threads();
  const receive = () => receiveMessageOnPort(channel as unknown as MessagePort);
  for (let one = receive(); one !== undefined; one = receive()) takeIn(one.message);
}

/** Sends the ring to the engine's thread, and then the port. False, or rejects: the engine is not there any more. */
export async function askIn(threadId: number, request: AttachRequest): Promise<boolean> {
  const { threadId: ownId, BroadcastChannel, postMessageToThread } = threads();
  if (threadId === ownId) return knock(request);
  const channel = new BroadcastChannel(request.engineId);
  channel.postMessage(request.shared);
  channel.close();
  await postMessageToThread(threadId, request, [request.port]);
  return true;
}

function knock(request: AttachRequest): boolean {
  const door = doors.get(request.engineId);
  door?.connect(request);
  return door !== undefined;
}

function onWorkerMessage(message: unknown): void {
  if (isAttachRequest(message) && !knock(message)) message.port.close();
}
