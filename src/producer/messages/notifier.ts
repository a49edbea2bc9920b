/** Tells the application what went wrong: its listeners, those of a channel, and where nobody listens its logger. */

import {
  type CodeOf,
  type ErrorMessage,
  type Message,
  type MessageCode,
  message,
  type WarningMessage,
} from '../../messages/message.js';
import { LOG_LEVELS, type Logger, type LogLevel, type MessageLevel } from '../../shared/log-options.js';
import { show } from '../../shared/options.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { printable } from '../../shared/untrusted-text/printable.js';
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

/** What the listeners of every kind get beside the text. */
export interface MessageDetail {
  /** Names the message: texts may change between versions, codes do not. */
  readonly code: MessageCode;
}

/** Listeners of an engine or client. What one throws is written to the log and goes no further. */
export interface EngineListeners {
  /** Events have failed: `events` of them; 0, nothing is traced at all, as the server's address cannot be used. */
  error(message: string, detail: MessageDetail & { readonly events: number }): void;
  /** Loss at push() starts (with a `reason`) or has ended (without); `dropped` is the total so far. */
  drop(message: string, detail: MessageDetail & { readonly reason?: string; readonly dropped: number }): void;
  /**
   * Three quarters of the ring, or of the lane beside it, are in use: a program that can slow down does so now, or awaits
   * `ready()`. Once, until at most half of both is in use.
   */
  highWater(
    message: string,
    detail: MessageDetail & { readonly ringUsedBytes: number; readonly sideLaneUsedBytes: number },
  ): void;
  /** Something that one should know. */
  warning(message: string, detail: MessageDetail): void;
  /** What goes on: a message for each batch, while debugging is on. */
  debug(message: string, detail: MessageDetail): void;
}

type DetailOf<K extends Kind> = Omit<Parameters<EngineListeners[K]>[1], 'code'>;

/** Each kind of message, of a code of its level. */
export interface Tell {
  error(message: ErrorMessage, detail: DetailOf<'error'>): void;
  drop(message: WarningMessage, detail: DetailOf<'drop'>): void;
  highWater(message: Message<CodeOf<'info'>>, detail: DetailOf<'highWater'>): void;
  warning(message: WarningMessage): void;
  debug(message: Message<CodeOf<'debug'>>): void;
}

export interface Notifier extends Tell {
  /** Only the first warning of a topic is told, by default of a code. */
  warnOnce(message: WarningMessage, topic?: string): void;
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
