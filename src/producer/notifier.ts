/** Tells the application what went wrong: to its listeners, or to the console where there are none. */

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
  on<K extends keyof EngineListeners>(kind: K, listener: EngineListeners[K]): void;
}

export function createNotifier(): Notifier {
  const listeners: { [K in keyof EngineListeners]: EngineListeners[K][] } = {
    error: [],
    drop: [],
    warning: [],
  };

  function tell<K extends keyof EngineListeners>(kind: K, args: Parameters<EngineListeners[K]>): void {
    const [message] = args;
    if (listeners[kind].length === 0) report(kind, message);
    for (const listener of listeners[kind] as ((...args: unknown[]) => void)[]) {
      try {
        listener(...args);
      } catch (error) {
        report(
          'error',
          `a listener for '${kind}' threw: ${error instanceof Error ? error.message : typeof error}`,
        );
      }
    }
  }

  return {
    error: (...args) => tell('error', args),
    drop: (...args) => tell('drop', args),
    warning: (...args) => tell('warning', args),
    on: (kind, listener) => {
      listeners[kind].push(listener);
    },
  };
}

function report(kind: keyof EngineListeners, message: string): void {
  // biome-ignore lint/suspicious/noConsole: the one place where the library speaks when nobody listens
  console[kind === 'error' ? 'error' : 'warn'](`[tailrace] ${message}`);
}
