/** The channels of `node:diagnostics_channel` on which each message is published, whoever listens or logs besides. */
import type { EngineListeners } from './notifier.js';

/**
 * What is published, by channel: the text, and what a listener gets beside it. `code` names the message (`MessageCode`). All engines and clients of the process
 * publish on the same channels, and without a subscriber a message costs nothing. Batches are reported on `tailrace:debug`
 * while debugging is on, and where somebody had subscribed when the engine was created.
 *
 * - `tailrace:error` `{message, code, events}`: so many events have failed; 0, the server's address cannot be used.
 * - `tailrace:drop` `{message, code, reason?, dropped}`: loss starts (with a reason), or has ended; the total so far.
 * - `tailrace:highWater` `{message, code, ringUsedBytes, sideLaneUsedBytes}`: room for events runs out.
 * - `tailrace:warning` `{message, code}`: something that one should know.
 * - `tailrace:debug` `{message, code}`: what goes on.
 *
 * @example
 * import { subscribe } from 'node:diagnostics_channel';
 * subscribe('tailrace:error', (error) => lost.add((error as ChannelMessages['tailrace:error']).events));
 */
export type ChannelMessages = {
  readonly [K in keyof EngineListeners as `tailrace:${K}`]: {
    readonly message: string;
  } & DetailOf<Parameters<EngineListeners[K]>>;
};

type DetailOf<Args extends unknown[]> = Args extends [string, infer Detail] ? Detail : unknown;

// Not imported: a message is rare, and the import takes a start-up 0.5 ms (measured).
const diagnostics = () => process.getBuiltinModule('node:diagnostics_channel');

export function publish(kind: keyof EngineListeners, message: string, detail: object): void {
  const channel = diagnostics().channel(`tailrace:${kind}`);
  if (channel.hasSubscribers) channel.publish({ message, ...detail });
}

export function hasSubscribers(kind: keyof EngineListeners): boolean {
  return diagnostics().hasSubscribers(`tailrace:${kind}`);
}
