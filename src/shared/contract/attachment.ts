/**
 * The contract by which a thread of the application attaches to the engine of another thread, the owner: it makes a ring of its own,
 * which the owner's consumer empties as well.
 *
 * The ring goes to the owner's thread by a BroadcastChannel named by the engine's id: a message there arrives even if its thread
 * has ended since, and can be received without an event loop. A BroadcastChannel cannot carry a port, so one end of a port goes
 * by Node's `postMessageToThread`, which drops messages of a thread that ends at once. The port closes when the thread ends,
 * however it ends. Everything else is in shared memory.
 */

import type { ErrorMessage } from '../../messages/message.js';
import type { SharedRing } from '../ring/ring-layout.js';
import type { MessagePortLike } from './control.js';
import type { EngineOptions } from './engine-options.js';

declare const CONTENT: unique symbol;

/**
 * Made by `engine.handle()`, for `attachEngine()`. Plain data that can be cloned: pass it as `workerData` or in a message, to any
 * number of threads. Its content is private and may change with each version.
 */
export interface EngineHandle {
  readonly [CONTENT]?: 'engine';
  /** @internal The thread that owns the engine. */
  readonly threadId: number;
  /** @internal One for each of its delivery workers. */
  readonly engines: readonly {
    readonly id: string;
    /** Rings that it lends to the threads that take them first. */
    readonly ringPool: readonly SharedRing[];
  }[];
  /** @internal */
  readonly options: Pick<
    EngineOptions,
    'ringBytes' | 'sideLaneBytes' | 'flushTimeoutMs' | 'exitTimeoutMs' | 'flushAtExit' | 'workerStuckMs'
  >;
}

/** To the owner's thread, after the ring (a `SharedRing`) was sent on the channel. */
export interface AttachRequest {
  readonly kind: 'tailrace:attach';
  readonly engineId: string;
  readonly shared: SharedRing;
  readonly port: MessagePortLike;
}

/** From the attached thread to the owner. */
export type AttachedMessage =
  /** It has flushed and pushes no more: what is undelivered now is spooled, or fails. */
  | { readonly kind: 'close' }
  /** Its events have not settled for a while: the owner has to check whether the worker is stuck. */
  | { readonly kind: 'waiting' }
  /** The answer to `end`. */
  | { readonly kind: 'ended' };

/** From the owner to the attached thread. */
export type OwnerMessage =
  /** Events of this thread have failed. */
  | (ErrorMessage & { readonly kind: 'error'; readonly events: number })
  /** The owner shuts down: the thread has to write what is still open, and accepts nothing afterwards. */
  | { readonly kind: 'end' }
  /** The consumer no longer empties the ring; `abandoned` events on it were counted as failed. */
  | { readonly kind: 'closed'; readonly abandoned: number };

export function isAttachRequest(message: unknown): message is AttachRequest {
  return (message as Partial<AttachRequest> | null | undefined)?.kind === 'tailrace:attach';
}
