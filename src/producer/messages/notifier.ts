/** Tells the application what went wrong: its listeners, those of a channel, and where nobody listens its logger. */

import { LOG_LEVELS, type MessageLevel } from '../../config/log-options.js';
import type { Logger, LogLevel } from '../../config/option-types.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { printable } from '../../shared/untrusted-text/printable.js';
import { show } from '../../shared/untrusted-text/show.js';
import { hasSubscribers, publish } from './channels.js';
import { writeLine } from './log-line.js';

/** The kinds of messages, each at its level. A new one is a line here and one in `EngineListeners`. */
const LEVEL_OF = {
  error: 'error',
  drop: 'warn',
  warning: 'warn',
  highWater: 'info',
  debug: 'debug',
} as const satisfies Record<keyof EngineListeners, MessageLevel>;

type Kind = keyof typeof LEVEL_OF;

export const MESSAGE_KINDS = Object.keys(LEVEL_OF) as readonly Kind[];

/** Listeners of an engine or client. What one throws is written to the log and goes no further. */
export interface EngineListeners {
  /** Events have failed: `events` of them; 0, nothing is traced at all, as the server's address cannot be used. */
  error(message: string, detail: { readonly events: number }): void;
  /** Loss at push() starts (with a `reason`) or has ended (without); `dropped` is the total so far. */
  drop(message: string, detail: { readonly reason?: string; readonly dropped: number }): void;
  /**
   * Three quarters of the ring, or of the lane beside it, are in use: a program that can slow down does so now, or awaits
   * `ready()`. Once, until at most half of both is in use.
   */
  highWater(
    message: string,
    detail: { readonly ringUsedBytes: number; readonly sideLaneUsedBytes: number },
  ): void;
  /** Something that one should know. */
  warning(message: string): void;
  /** What goes on: a message for each batch, while debugging is on. */
  debug(message: string): void;
}

export interface Notifier extends EngineListeners {
  /** Only the first warning of a topic is told. */
  warnOnce(topic: string, message: string): void;
  /**
   * Told by another, which has seen to the channel: to listeners, or written where nobody listens, unless this logger is
   * among those that have it (undefined: the console).
   */
  take<K extends Kind>(kind: K, args: Parameters<EngineListeners[K]>, written: Set<Logger | undefined>): void;
  /** One that writes to the same place, at the level of now, and that nobody listens to. */
  withoutListeners(): Notifier;
  /** Returns a function that ends it. */
  on<K extends Kind>(kind: K, listener: EngineListeners[K]): () => void;
  /** For messages of every kind, with the kind first; they are written all the same. Returns a function that ends it. */
  onAny(listener: (kind: string, ...told: unknown[]) => void): () => void;
  /** What is written where nobody listens. */
  setLevel(level: LogLevel): void;
  /** Whether somebody wants each batch reported without having asked for it: by the level, or a subscriber of the channel. */
  wantsDebug(): boolean;
}

/** One for each call of `on()`, also where a function is given twice: each is ended by itself. */
interface Entry {
  readonly listener: (...args: unknown[]) => void;
}

function addTo(listeners: Set<Entry>, listener: Entry['listener']): () => void {
  const entry = { listener };
  listeners.add(entry);
  return () => void listeners.delete(entry);
}

/** `logger`: undefined, the console. */
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
