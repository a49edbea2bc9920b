/** Where the rings of other threads come to an engine of this thread, and how they are sent there (shared/contract/attachment). */
import type { BroadcastChannel, MessagePort } from 'node:worker_threads';
import { type AttachRequest, isAttachRequest } from '../../shared/contract/attachment.js';
import type { SharedRing } from '../../shared/ring/ring-layout.js';
import { processWide } from '../../shared/runtime/process-wide.js';

/**
 * `doors/1`: what the copies of this package share. A port comes to the whole thread: each copy on its own would close those
 * that are for an engine of another.
 */
interface Doors {
  /** Lets in who asks for this engine, until the function that it returns is called. */
  open(engineId: string, connect: (request: AttachRequest) => void): () => void;
  /** False: no engine of this thread has this id. */
  knock(request: AttachRequest): boolean;
}

export interface Door {
  /** On which rings come. */
  readonly channel: BroadcastChannel;
  readonly takeIn: (shared: SharedRing) => void;
  readonly close: () => void;
}

function doors(): Doors {
  return processWide('doors/1', createDoors);
}

const threads = () => process.getBuiltinModule('node:worker_threads');

interface Entrance {
  /** Gets each ring. */
  readonly takeIn: (shared: SharedRing) => void;
  /** Gets its thread's port, if there is time for it. */
  readonly connect: (request: AttachRequest) => void;
}

export function openDoor(engineId: string, { takeIn, connect }: Entrance): Door {
  const channel = new (threads().BroadcastChannel)(engineId);
  channel.onmessage = (message) => takeIn((message as { data: SharedRing }).data);
  // To listen on a channel is to ref it.
  channel.unref();
  return { channel, takeIn, close: doors().open(engineId, connect) };
}

export function closeDoor({ channel, close }: Door): void {
  channel.close();
  close();
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
  if (threadId === ownId) return doors().knock(request);
  const channel = new BroadcastChannel(request.engineId);
  channel.postMessage(request.shared);
  channel.close();
  await postMessageToThread(threadId, request, [request.port]);
  return true;
}

function createDoors(): Doors {
  const byEngine = new Map<string, (request: AttachRequest) => void>();

  function knock(request: AttachRequest): boolean {
    const connect = byEngine.get(request.engineId);
    connect?.(request);
    return connect !== undefined;
  }

  function onWorkerMessage(message: unknown): void {
    if (isAttachRequest(message) && !knock(message)) message.port.close();
  }

  return {
    open(engineId, connect) {
      if (byEngine.size === 0) process.on('workerMessage', onWorkerMessage);
      byEngine.set(engineId, connect);
      return () => {
        if (byEngine.delete(engineId) && byEngine.size === 0) process.off('workerMessage', onWorkerMessage);
      };
    },
    knock,
  };
}
