/** The listeners of messages, and what they get. */

import type { MessageCode } from '../../messages/message.js';

/** The detail that listeners of every kind get besides the text. */
export interface MessageDetail {
  /** Names the message: texts may change between versions, codes do not. */
  readonly code: MessageCode;
}

/** Listeners of an engine or client. If a listener throws, the error is logged. */
export interface EngineListeners {
  /** `events` events have failed; 0: nothing is traced at all, as the server's address cannot be used. */
  error(message: string, detail: MessageDetail & { readonly events: number }): void;
  /** Loss at push() has started (with a `reason`) or ended (without one); `dropped` is the total so far. */
  drop(message: string, detail: MessageDetail & { readonly reason?: string; readonly dropped: number }): void;
  /**
   * Three quarters of the ring or of the side lane are in use: a program that can slow down should do so, or await `ready()`. Not
   * repeated until at most half of both was in use.
   */
  highWater(
    message: string,
    detail: MessageDetail & { readonly ringUsedBytes: number; readonly sideLaneUsedBytes: number },
  ): void;
  /** Another problem. */
  warning(message: string, detail: MessageDetail): void;
  /** A report of each batch, while debugging is on. */
  debug(message: string, detail: MessageDetail): void;
}
