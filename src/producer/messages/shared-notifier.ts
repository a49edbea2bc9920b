/** Passes the messages of a shared engine to each of its clients, and logs them once. */
import type { Logger } from '../../config/option-types.js';
import { publish } from './channels.js';
import type { EngineListeners } from './listeners.js';
import { listenerArgs, MESSAGE_KINDS, type Notifier, type Tell } from './notifier.js';

/** `clients` returns the notifiers that get a message. The engine itself has no listeners. */
export function createSharedNotifier(clients: () => readonly Notifier[]): Notifier {
  const told = new Set<string>();

  function tell<K extends keyof EngineListeners>(kind: K, ...told: Parameters<Tell[K]>): void {
    const args = listenerArgs<K>(told);
    publish(kind, args[0], args[1]);
    take(kind, args, new Set());
  }

  function take<K extends keyof EngineListeners>(
    kind: K,
    args: Parameters<EngineListeners[K]>,
    written: Set<Logger | undefined>,
  ): void {
    for (const client of clients()) client.take(kind, args, written);
  }

  const kinds = Object.fromEntries(MESSAGE_KINDS.map((kind) => [kind, tell.bind(undefined, kind)]));
  const notifier: Notifier = {
    ...(kinds as unknown as Tell),
    warnOnce(message, topic = message.code) {
      if (told.has(topic)) return;
      told.add(topic);
      tell('warning', message);
    },
    take,
    withoutListeners: () => notifier,
    on: () => () => {},
    onAny: () => () => {},
    setLevel() {},
    wantsDebug: () => clients().some((client) => client.wantsDebug()),
  };
  return notifier;
}
