/** Tells the application what went wrong: to its listeners, or to the console where there are none. */

import { messageOf } from '../shared/errors.js';
import { show } from '../shared/options.js';

/** What is written to the console, from all to nothing; `error` is also what loss is. */
const LEVELS = ['debug', 'info', 'warn', 'error', 'none'] as const;

export type LogLevel = (typeof LEVELS)[number];

/** The level of each kind of message. */
const LEVEL_OF = { error: 'error', drop: 'warn', warning: 'warn', debug: 'debug' } as const;

/** Listeners of an engine or client. What one throws is reported to the console and goes no further. */
export interface EngineListeners {
  /** Events have failed: `events` of them. */
  error(message: string, detail: { readonly events: number }): void;
  /** Loss at push() starts (with a `reason`) or has ended (without); `dropped` is the total so far. */
  drop(message: string, detail: { readonly reason?: string; readonly dropped: number }): void;
  /** Something that one should know. */
  warning(message: string): void;
  /** What goes on: a message for each batch, while debugging is on. */
  debug(message: string): void;
}

export interface Notifier extends EngineListeners {
  /** Only the first warning of a topic is told. */
  warnOnce(topic: string, message: string): void;
  /** Returns a function that ends it. */
  on<K extends keyof EngineListeners>(kind: K, listener: EngineListeners[K]): () => void;
  /** What is written to the console where nobody listens. */
  setLevel(level: LogLevel): void;
}

export type Report = (kind: keyof EngineListeners, message: string) => void;

/** `report` takes what nobody listens to. */
export function createNotifier(initialLevel: LogLevel = 'warn', report: Report = reportToConsole): Notifier {
  let level = initialLevel;
  const listeners: { [K in keyof EngineListeners]: EngineListeners[K][] } = {
    error: [],
    drop: [],
    warning: [],
    debug: [],
  };
  const told = new Set<string>();

  function tell<K extends keyof EngineListeners>(kind: K, args: Parameters<EngineListeners[K]>): void {
    const [message] = args;
    if (listeners[kind].length === 0 && LEVELS.indexOf(LEVEL_OF[kind]) >= LEVELS.indexOf(level)) {
      report(kind, message);
    }
    for (const listener of listeners[kind] as ((...args: unknown[]) => void)[]) {
      try {
        listener(...args);
      } catch (error) {
        report('error', `a listener for '${kind}' threw: ${messageOf(error)}`);
      }
    }
  }

  return {
    error: (...args) => tell('error', args),
    drop: (...args) => tell('drop', args),
    warning: (...args) => tell('warning', args),
    debug: (...args) => tell('debug', args),
    warnOnce(topic, message) {
      if (told.has(topic)) return;
      told.add(topic);
      tell('warning', [message]);
    },
    on(kind, listener) {
      if (typeof listener !== 'function' || !Object.hasOwn(listeners, kind)) {
        const kinds = Object.keys(listeners).join(', ');
        tell('warning', [
          `on() takes one of ${kinds} and a function, but got: ${show(kind)}, ${typeof listener}`,
        ]);
        return () => {};
      }
      const all = listeners[kind];
      all.push(listener);
      return () => {
        if (all.includes(listener)) all.splice(all.indexOf(listener), 1);
      };
    },
    setLevel(to) {
      level = to;
    },
  };
}

const CONSOLE_METHOD = { error: 'error', drop: 'warn', warning: 'warn', debug: 'debug' } as const;

export function reportToConsole(kind: keyof EngineListeners, message: string): void {
  // biome-ignore lint/suspicious/noConsole: the one place where the library speaks when nobody listens
  console[CONSOLE_METHOD[kind]](`[tailrace] ${message}`);
}
