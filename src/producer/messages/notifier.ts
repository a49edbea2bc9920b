/** Notifies the application of problems: its listeners, the subscribers of a channel, or the log if there is no listener. */

import { LOG_LEVELS, type MessageLevel } from '../../config/log-options.js';
import type { Logger, LogLevel } from '../../config/option-types.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { printable } from '../../shared/untrusted-text/printable.js';
import { show } from '../../shared/untrusted-text/show.js';
import { hasSubscribers, publish } from './channels.js';
import { writeLine } from './log-line.js';

/** The kinds of messages and their levels. A new kind needs a line here and one in `EngineListeners`. */
const LEVEL_OF = {
  error: 'error',
  drop: 'warn',
  warning: 'warn',
  highWater: 'info',
  debug: 'debug',
} as const satisfies Record<keyof EngineListeners, MessageLevel>;

type Kind = keyof typeof LEVEL_OF;

export const MESSAGE_KINDS = Object.keys(LEVEL_OF) as readonly Kind[];

/** Listeners of an engine or client. If a listener throws, the error is logged. */
export interface EngineListeners {
  /** `events` events have failed; 0: nothing is traced at all, as the server's address cannot be used. */
  error(message: string, detail: { readonly events: number }): void;
  /** Loss at push() has started (with a `reason`) or ended (without one); `dropped` is the total so far. */
  drop(message: string, detail: { readonly reason?: string; readonly dropped: number }): void;
  /**
   * Three quarters of the ring or of the side lane are in use: a program that can slow down should do so, or await `ready()`. Not
   * repeated until at most half of both was in use.
   */
  highWater(
    message: string,
    detail: { readonly ringUsedBytes: number; readonly sideLaneUsedBytes: number },
  ): void;
  /** Another problem. */
  warning(message: string): void;
  /** A report of each batch, while debugging is on. */
  debug(message: string): void;
}

export interface Notifier extends EngineListeners {
  /** Reports only the first warning of a topic. */
  warnOnce(topic: string, message: string): void;
  /**
   * Takes a message that another notifier has already published on the channel: calls the listeners, or logs it. `written` are the
   * loggers that already have it (undefined: the console).
   */
  take<K extends Kind>(kind: K, args: Parameters<EngineListeners[K]>, written: Set<Logger | undefined>): void;
  /** Returns a notifier with the same logger and the current level, without the listeners. */
  withoutListeners(): Notifier;
  /** Returns a function that removes the listener. */
  on<K extends Kind>(kind: K, listener: EngineListeners[K]): () => void;
  /** Listens to messages of every kind, which are logged all the same. Returns a function that removes the listener. */
  onAny(listener: (kind: string, ...told: unknown[]) => void): () => void;
  /** Sets the level of the log. */
  setLevel(level: LogLevel): void;
  /** Whether each batch is wanted because of the level, or because the channel has a subscriber. */
  wantsDebug(): boolean;
}

/** One for each call of `on()`, so that a function that is added twice can be removed once. */
interface Entry {
  readonly listener: (...args: unknown[]) => void;
}

function addTo(listeners: Set<Entry>, listener: Entry['listener']): () => void {
  const entry = { listener };
  listeners.add(entry);
  return () => void listeners.delete(entry);
}

/** `logger`: undefined means the console. */
export function createNotifier(initialLevel: LogLevel = 'warn', logger?: Logger): Notifier {
  let level = initialLevel;
  const listeners = ofKinds(() => new Set<Entry>());
  const ofAny = new Set<Entry>();
  const told = new Set<string>();

  function tell<K extends Kind>(kind: K, ...args: Parameters<EngineListeners[K]>): void {
    const [text, ...details] = args as [string, object?];
    const message = printable(text);
    publish(kind, message, details[0]);
    take(kind, [message, ...details] as typeof args, new Set());
  }

  function take<K extends Kind>(
    kind: K,
    args: Parameters<EngineListeners[K]>,
    written: Set<Logger | undefined>,
  ): void {
    const isSilent = listeners[kind].size > 0 || rank(LEVEL_OF[kind]) < rank(level);
    if (!isSilent && !written.has(logger)) {
      written.add(logger);
      writeLine(logger, LEVEL_OF[kind], args[0]);
    }
    for (const { listener } of listeners[kind]) call(kind, () => listener(...args));
    for (const { listener } of ofAny) call(kind, () => listener(kind, ...args));
  }

  function call(kind: Kind, run: () => void): void {
    try {
      run();
    } catch (error) {
      writeLine(logger, 'error', printable(`a listener for '${kind}' threw: ${messageOf(error)}`));
    }
  }

  return {
    ...(ofKinds((kind) => tell.bind(undefined, kind)) as unknown as EngineListeners),
    warnOnce(topic, message) {
      if (told.has(topic)) return;
      told.add(topic);
      tell('warning', message);
    },
    on(kind, listener) {
      if (typeof listener !== 'function' || !Object.hasOwn(listeners, kind)) {
        const got = `${show(kind)}, ${typeof listener}`;
        tell('warning', `on() takes one of ${MESSAGE_KINDS.join(', ')} and a function, but got: ${got}`);
        return () => {};
      }
      return addTo(listeners[kind], listener as Entry['listener']);
    },
    onAny: (listener) => addTo(ofAny, listener as Entry['listener']),
    take,
    withoutListeners: () => createNotifier(level, logger),
    setLevel(to) {
      level = to;
    },
    wantsDebug: () => level === 'debug' || hasSubscribers('debug'),
  };
}

function ofKinds<T>(make: (kind: Kind) => T): Record<Kind, T> {
  return Object.fromEntries(MESSAGE_KINDS.map((kind) => [kind, make(kind)])) as Record<Kind, T>;
}

function rank(level: LogLevel): number {
  return LOG_LEVELS.indexOf(level);
}
