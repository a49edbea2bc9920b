/** Notifies the application of problems: its listeners, the subscribers of a channel, or the log if there is no listener. */

import { LOG_LEVELS, type MessageLevel } from '../../config/log-options.js';
import type { Logger, LogLevel } from '../../config/option-types.js';
import {
  type CodeOf,
  type ErrorMessage,
  type Message,
  message,
  type WarningMessage,
} from '../../messages/message.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { printable } from '../../shared/untrusted-text/printable.js';
import { show } from '../../shared/untrusted-text/show.js';
import { hasSubscribers, publish } from './channels.js';
import type { EngineListeners } from './listeners.js';
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

type DetailOf<K extends Kind> = Omit<Parameters<EngineListeners[K]>[1], 'code'>;

/** Each kind of message, with a code of its level. */
export interface Tell {
  error(message: ErrorMessage, detail: DetailOf<'error'>): void;
  drop(message: WarningMessage, detail: DetailOf<'drop'>): void;
  highWater(message: Message<CodeOf<'info'>>, detail: DetailOf<'highWater'>): void;
  warning(message: WarningMessage): void;
  debug(message: Message<CodeOf<'debug'>>): void;
}

export interface Notifier extends Tell {
  /** Reports only the first warning of a topic, by default of a code. */
  warnOnce(message: WarningMessage, topic?: string): void;
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

  function tell<K extends Kind>(kind: K, ...told: Parameters<Tell[K]>): void {
    const args = listenerArgs<K>(told);
    publish(kind, args[0], args[1]);
    take(kind, args, new Set());
  }

  function take<K extends Kind>(
    kind: K,
    args: Parameters<EngineListeners[K]>,
    written: Set<Logger | undefined>,
  ): void {
    const isSilent = listeners[kind].size > 0 || rank(LEVEL_OF[kind]) < rank(level);
    if (!isSilent && !written.has(logger)) {
      written.add(logger);
      writeLine(logger, LEVEL_OF[kind], { code: args[1].code, text: args[0] });
    }
    for (const { listener } of listeners[kind]) call(kind, () => listener(...args));
    for (const { listener } of ofAny) call(kind, () => listener(kind, ...args));
  }

  function call(kind: Kind, run: () => void): void {
    try {
      run();
    } catch (error) {
      const failed = message('TAILRACE_MESSAGE_LISTENER_FAILED', kind, messageOf(error));
      writeLine(logger, 'error', { ...failed, text: printable(failed.text) });
    }
  }

  return {
    ...(ofKinds((kind) => tell.bind(undefined, kind)) as unknown as Tell),
    warnOnce(message, topic = message.code) {
      if (told.has(topic)) return;
      told.add(topic);
      tell('warning', message);
    },
    on(kind, listener) {
      if (typeof listener !== 'function' || !Object.hasOwn(listeners, kind)) {
        const got = `${show(kind)}, ${typeof listener}`;
        tell('warning', message('TAILRACE_LISTENER_INVALID', MESSAGE_KINDS.join(', '), got));
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

/** What listeners are called with. */
export function listenerArgs<K extends Kind>([{ code, text }, detail]: readonly [
  Message,
  object?,
]): Parameters<EngineListeners[K]> {
  return [printable(text), { code, ...detail }] as Parameters<EngineListeners[K]>;
}

function ofKinds<T>(make: (kind: Kind) => T): Record<Kind, T> {
  return Object.fromEntries(MESSAGE_KINDS.map((kind) => [kind, make(kind)])) as Record<Kind, T>;
}

function rank(level: LogLevel): number {
  return LOG_LEVELS.indexOf(level);
}
