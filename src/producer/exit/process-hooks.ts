/** Hooks into `process` that flush before a signal ends it, and at its very last moment: Node.js has no event for either. */

/**
 * The signals by which people and systems end processes. SIGHUP comes when a terminal is closed, SIGBREAK from Ctrl+Break on
 * Windows. Listening changes nothing for a process that was started with a signal ignored (`nohup node`): Node.js sets all
 * signals to their defaults before any code runs (Node.js 20 to 26).
 */
const SIGNALS: readonly NodeJS.Signals[] =
  process.platform === 'win32'
    ? ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK']
    : ['SIGTERM', 'SIGINT', 'SIGHUP'];
/** The signals that end a process without a listener, and with which a process may end itself. */
const ENDING: ReadonlySet<string> = new Set([
  ...SIGNALS,
  ...['SIGQUIT', 'SIGABRT', 'SIGKILL', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGPROF', 'SIGXCPU', 'SIGIO'],
]);

interface SignalHooks {
  listen(isWanted: boolean): void;
}

/**
 * Flushes before a signal ends the process. If nobody else handles the signal, it ends the process without an `exit` event. If
 * the application handles it, our listener removes itself first, as the application may count the listeners.
 */
export function createSignalHooks(flush: (reason: string) => void): SignalHooks {
  /** The signals that the application has been seen to handle. */
  const others = new Set<string>();
  const listeners = SIGNALS.map((signal) => ({ signal, listener: () => onSignal(signal) }));
  let isListening = false;
  let restoreKill: (() => void) | undefined;

  function listen(isWanted: boolean): void {
    isListening = isWanted;
    for (const { signal, listener } of listeners) {
      // The application may have removed it.
      const listens = process.listeners(signal).includes(listener);
      if (listens && !isWanted) process.off(signal, listener);
      // Before the others, so that it has removed itself when they run.
      else if (!listens && isWanted && !others.has(signal)) process.prependListener(signal, listener);
    }
    if (isWanted && others.size > 0) watchKill();
    if (!isWanted) unwatchKill();
  }

  function onSignal(signal: NodeJS.Signals): void {
    const isAlone = process.listenerCount(signal) === 1;
    if (isAlone) flush(`the process got ${signal}`);
    for (const one of listeners) if (one.signal === signal) process.off(signal, one.listener);
    if (isAlone) {
      endBy(signal);
      return;
    }
    // For good, as the application may count listeners at any time. It may raise the signal again to end the process.
    others.add(signal);
    watchKill();
  }

  function watchKill(): void {
    restoreKill ??= replaceMethod(
      'kill',
      (before) =>
        function kill(pid, signal, ...rest) {
          const name = nameOf(signal);
          const ends = isOwn(Number(pid)) && ENDING.has(name) && process.listenerCount(name) === 0;
          if (isListening && ends) flush(`the process got ${name}`);
          return Reflect.apply(before, this, [pid, signal, ...rest]);
        },
    );
  }

  function unwatchKill(): void {
    restoreKill?.();
    restoreKill = undefined;
  }

  return { listen };
}

/** Ends the process as the signal would have. Windows can receive SIGHUP but not raise it: there the process ends at once. */
function endBy(signal: NodeJS.Signals): void {
  try {
    process.kill(process.pid, signal);
  } catch {
    process.kill(process.pid, 'SIGKILL');
  }
}

/** Whether it is this process, or the group of processes that it leads or is in. */
function isOwn(pid: number): boolean {
  return pid === 0 || Math.abs(pid) === process.pid;
}

function nameOf(signal: unknown): string {
  if (typeof signal !== 'number') return String(signal || 'SIGTERM');
  const { signals } = process.getBuiltinModule('node:os').constants;
  return Object.entries(signals).find(([, number]) => number === signal)?.[0] ?? '';
}

interface LastMoment {
  begin(): void;
  /**
   * To be called when the process may be about to end. The package signal-exit, for one, replaces `process.emit` by the method
   * that it found when it was imported, so that any replacement in between is never called.
   */
  renew(): void;
  /** To be called by a listener for `exit`. */
  renewLast(): void;
  end(): void;
}

/**
 * Calls `onLast` after all listeners for `exit`: also those that are registered after ours, and also where one of them calls
 * `process.exit()`, which ends the process at once. `onLast` may be called more than once.
 */
export function watchLastMoment(onLast: () => void): LastMoment {
  let isWatching = false;
  let emit: unknown;
  let restoreEmit = (): void => {};
  let restoreReallyExit: (() => void) | undefined;

  function watchEmit(): void {
    const restore = replaceMethod(
      'emit',
      (before) =>
        function emit(event, ...rest) {
          if (event !== 'exit' || !isWatching) return Reflect.apply(before, this, [event, ...rest]);
          watchReallyExit();
          try {
            return Reflect.apply(before, this, [event, ...rest]);
          } finally {
            unwatchReallyExit();
            onLast();
          }
        },
    );
    emit = process.emit;
    const restoreOuter = restoreEmit;
    restoreEmit = () => {
      restore();
      restoreOuter();
    };
  }

  /** `process.exit()` calls this method after the listeners, or instead of them when one of them has called it. */
  function watchReallyExit(): void {
    restoreReallyExit ??= replaceMethod(
      'reallyExit',
      (before) =>
        function reallyExit(code) {
          if (isWatching) onLast();
          return Reflect.apply(before, this, [code]);
        },
    );
  }

  function unwatchReallyExit(): void {
    restoreReallyExit?.();
    restoreReallyExit = undefined;
  }

  return {
    begin() {
      isWatching = true;
      watchEmit();
    },
    renew() {
      if (process.emit !== emit) watchEmit();
    },
    renewLast: watchReallyExit,
    end() {
      isWatching = false;
      restoreEmit();
      restoreEmit = () => {};
      unwatchReallyExit();
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: as Node.js or the application has it
type Method = (this: unknown, ...args: any[]) => any;

/**
 * Replaces a method of `process` until the returned function is called. `make` gets the previous method and returns the new one.
 * If somebody else has replaced it since, theirs stays, and so does ours behind it.
 */
function replaceMethod(name: 'emit' | 'kill' | 'reallyExit', make: (before: Method) => Method): () => void {
  const holder = process as unknown as Record<typeof name, Method | undefined>;
  const before = holder[name];
  if (typeof before !== 'function') return () => {};
  const own = Object.getOwnPropertyDescriptor(holder, name);
  const value = make(before);
  // A frozen `process` stays as it is.
  Reflect.defineProperty(holder, name, { value, configurable: true, enumerable: true, writable: true });
  return () => {
    if (holder[name] !== value) return;
    if (own === undefined) Reflect.deleteProperty(holder, name);
    else Reflect.defineProperty(holder, name, own);
  };
}
