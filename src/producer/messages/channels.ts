/** Publishes each message on a channel of `node:diagnostics_channel`, besides listeners and the log. */
import type { EngineListeners } from './listeners.js';

/**
 * The published messages, by channel: the text, and the details that a listener gets; `code` names the message (`MessageCode`).
 * All engines and clients of the process publish on the same channels. Without a subscriber a message costs nothing. Batches are
 * reported on `tailrace:debug` while debugging is on, or if the channel had a subscriber when the engine was created.
 *
 * - `tailrace:error` `{message, code, events}`: `events` events have failed; 0: the server's address cannot be used.
 * - `tailrace:drop` `{message, code, reason?, dropped}`: loss has started (with a reason) or ended; `dropped` is the total so far.
 * - `tailrace:highWater` `{message, code, ringUsedBytes, sideLaneUsedBytes}`: room for events runs out.
 * - `tailrace:warning` `{message, code}`: another problem.
 * - `tailrace:debug` `{message, code}`: a report of each batch.
 *
 * @example
 * import { subscribe } from 'node:diagnostics_channel';
 * subscribe('tailrace:error', (error) => lost.add((error as ChannelMessages['tailrace:error']).events));
 */
export type ChannelMessages = {
  readonly [K in keyof EngineListeners as `tailrace:${K}`]: {
    readonly message: string;
  } & (Parameters<EngineListeners[K]> extends [string, infer Detail] ? Detail : unknown);
};

// Not imported: a message is rare, and the import takes a start-up 0.5 ms (measured).
const diagnostics = () => process.getBuiltinModule('node:diagnostics_channel');

export function publish(kind: keyof EngineListeners, message: string, detail: object): void {
  const channel = diagnostics().channel(`tailrace:${kind}`);
  if (channel.hasSubscribers) channel.publish({ message, ...detail });
}

export function hasSubscribers(kind: keyof EngineListeners): boolean {
  return diagnostics().hasSubscribers(`tailrace:${kind}`);
}
