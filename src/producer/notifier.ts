/** Tells the application what went wrong: to its listeners, or to the console where there are none. */

import { messageOf } from '../shared/errors.js';
import { show } from '../shared/options.js';

/** Listeners of an engine or client. What one throws is reported to the console and goes no further. */
export interface EngineListeners {
  /** Events have failed: `events` of them. */
  error(message: string, detail: { readonly events: number }): void;
  /** Loss at push() starts (with a `reason`) or has ended (without); `dropped` is the total so far. */
  drop(message: string, detail: { readonly reason?: string; readonly dropped: number }): void;
  /** Something that one should know. */
  warning(message: string): void;
}

export interface Notifier extends EngineListeners {
  /** Only the first warning of a topic is told. */
  warnOnce(topic: string, message: string): void;
  on<K extends keyof EngineListeners>(kind: K, listener: EngineListeners[K]): void;
}

export function createNotifier(): Notifier {
  const listeners: { [K in keyof EngineListeners]: EngineListeners[K][] } = {
    error: [],
    drop: [],
    warning: [],
  };
  const told = new Set<string>();

  function tell<K extends keyof EngineListeners>(kind: K, args: Parameters<EngineListeners[K]>): void {
    const [message] = args;
    if (listeners[kind].length === 0) report(kind, message);
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
    warnOnce(topic, message) {
      if (told.has(topic)) return;
      told.add(topic);
      tell('warning', [message]);
    },
    on(kind, listener) {
      if (typeof listener === 'function' && Object.hasOwn(listeners, kind)) listeners[kind].push(listener);
      else
        tell('warning', [
          `on() takes error, drop or warning and a function, but got: ${show(kind)}, ${typeof listener}`,
        ]);
    },
  };
}

function report(kind: keyof EngineListeners, message: string): void {
  // biome-ignore lint/suspicious/noConsole: the one place where the library speaks when nobody listens
  console[kind === 'error' ? 'error' : 'warn'](`[tailrace] ${message}`);
}
