/** The attach channel, by which other threads send their rings to an engine of this thread (shared/contract/attachment). */
import type { BroadcastChannel, MessagePort } from 'node:worker_threads';
import { type AttachRequest, isAttachRequest } from '../../shared/contract/attachment.js';
import type { SharedRing } from '../../shared/ring/ring-layout.js';
import { processWide } from '../../shared/runtime/process-wide.js';

export interface AttachChannel {
  readonly channel: BroadcastChannel;
  readonly adopt: (shared: SharedRing) => void;
  readonly stop: () => void;
}

interface Listeners {
  /** Called with each ring. */
  readonly adopt: (shared: SharedRing) => void;
  /** Called with its thread's port, unless the thread ends too soon. */
  readonly connect: (request: AttachRequest) => void;
}

/**
 * `attach/1`: shared by the copies of this package. A request with a port comes to the whole thread: if each copy listened on
 * its own, it would close ports for engines of another copy.
 */
interface EngineRegistry {
  /** Passes requests for this engine to `connect`, until the returned function is called. */
  listen(engineId: string, connect: (request: AttachRequest) => void): () => void;
  /** False: no engine of this thread has this id. */
  connect(request: AttachRequest): boolean;
}

const threads = () => process.getBuiltinModule('node:worker_threads');

export function listen(engineId: string, { adopt, connect }: Listeners): AttachChannel {
  const channel = new (threads().BroadcastChannel)(engineId);
  channel.onmessage = (message) => adopt((message as { data: SharedRing }).data);
  // Listening on a channel refs it.
  channel.unref();
  return { channel, adopt, stop: registry().listen(engineId, connect) };
}

export function stopListening({ channel, stop }: AttachChannel): void {
  channel.close();
  stop();
}

/** Adopts the rings that have come, without waiting for the event loop. */
export function adoptWaiting({ channel, adopt }: AttachChannel): void {
  const { receiveMessageOnPort } = threads();
  const receive = () => receiveMessageOnPort(channel as unknown as MessagePort);
  for (let one = receive(); one !== undefined; one = receive()) adopt(one.message);
}

/** Sends the ring to the engine's thread, and then the port. Returns false, or rejects, if the engine is gone. */
export async function requestAttach(threadId: number, request: AttachRequest): Promise<boolean> {
  const { threadId: ownId, BroadcastChannel, postMessageToThread } = threads();
  if (threadId === ownId) return registry().connect(request);
  const channel = new BroadcastChannel(request.engineId);
  channel.postMessage(request.shared);
  channel.close();
  await postMessageToThread(threadId, request, [request.port]);
  return true;
}

function registry(): EngineRegistry {
  return processWide('attach/1', createRegistry);
}

function createRegistry(): EngineRegistry {
  const byEngine = new Map<string, (request: AttachRequest) => void>();

  function connect(request: AttachRequest): boolean {
    const connectTo = byEngine.get(request.engineId);
    connectTo?.(request);
    return connectTo !== undefined;
  }

  function onWorkerMessage(message: unknown): void {
    if (isAttachRequest(message) && !connect(message)) message.port.close();
  }

  return {
    listen(engineId, connectTo) {
      if (byEngine.size === 0) process.on('workerMessage', onWorkerMessage);
      byEngine.set(engineId, connectTo);
      return () => {
        if (byEngine.delete(engineId) && byEngine.size === 0) process.off('workerMessage', onWorkerMessage);
      };
    },
    connect,
  };
}
