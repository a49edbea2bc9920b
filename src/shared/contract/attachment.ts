/**
 * How a thread of the application hands its events to the engine of another: it makes a ring of its own, which that
 * engine's consumer empties as well.
 *
 * The ring goes to the owner's thread by a BroadcastChannel, named by the engine's id: what was posted there arrives even if
 * the thread has ended since, and can be received without an event loop. One end of a port, which a BroadcastChannel does
 * not carry, goes by Node's `postMessageToThread`, which drops what a thread posted just before its end. All the rest is in
 * shared memory but for what these messages say, and the port's end: it closes when the thread ends, however it ends.
 */

import type { ErrorMessage } from '../../messages/message.js';
import type { EngineOptions } from '../options.js';
import type { SharedRing } from '../ring/ring-layout.js';
import type { MessagePortLike } from './control.js';

/** Made by `engine.handle()`: plain data, for `workerData` or any message, and for any number of threads. */
export interface EngineHandle {
  /** The thread that owns the engine. */
  readonly threadId: number;
  /** One for each of its delivery workers. */
  readonly engines: readonly {
    readonly id: string;
    /** Rings that it lends: whoever takes one first has it. */
    readonly stock: readonly SharedRing[];
  }[];
  readonly options: Pick<
    EngineOptions,
    'ringBytes' | 'sideLaneBytes' | 'flushTimeoutMs' | 'exitTimeoutMs' | 'flushAtExit' | 'workerStuckMs'
  >;
}

/** To the owner's thread, after the ring itself (a `SharedRing`) on the channel. */
export interface AttachRequest {
  readonly kind: 'tailrace:attach';
  readonly engineId: string;
  readonly shared: SharedRing;
  readonly port: MessagePortLike;
}

/** From the attached thread to the owner. */
export type AttachedMessage =
  /** It has flushed, and pushes no more: what is undelivered now is spooled or given up. */
  | { readonly kind: 'close' }
  /** Its events have stood still for a while: the owner is to look whether the worker is stuck. */
  | { readonly kind: 'waiting' }
  /** The answer to `end`. */
  | { readonly kind: 'ended' };

/** From the owner to the attached thread. */
export type OwnerMessage =
  /** Events of this thread have failed. */
  | (ErrorMessage & { readonly kind: 'error'; readonly events: number })
  /** The owner shuts down: what is still open is to be written now, and nothing is accepted after it. */
  | { readonly kind: 'end' }
  /** The ring is not emptied any more; `abandoned` events on it have been counted as failed. */
  | { readonly kind: 'closed'; readonly abandoned: number };

export function isAttachRequest(message: unknown): message is AttachRequest {
  return (message as Partial<AttachRequest> | null | undefined)?.kind === 'tailrace:attach';
}
