/**
 * The flush before a signal ends the process. Where nobody handles a signal, it ends the process without an `exit` event; where
 * somebody does, it is theirs, and they find the process as it would be without us: they may count who else listens.
 */
import { replaceMethod } from './replaced-method.js';

/**
 * The signals that people and systems end processes with: SIGHUP comes when a terminal is closed, SIGBREAK from Ctrl+Break on
 * Windows. A process that is started with one of them ignored (`nohup node`) has it ignored no more: Node.js sets all
 * to their defaults before any code runs (Node.js 20 to 26), so that to listen changes nothing.
 */
const SIGNALS: readonly NodeJS.Signals[] =
  process.platform === 'win32'
    ? ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGBREAK']
    : ['SIGTERM', 'SIGINT', 'SIGHUP'];
/** What ends a process unless somebody listens, and may be used to end one's own. */
const ENDING: ReadonlySet<string> = new Set([
  ...SIGNALS,
  ...['SIGQUIT', 'SIGABRT', 'SIGKILL', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGPROF', 'SIGXCPU', 'SIGIO'],
]);

export interface SignalHooks {
  listen(isWanted: boolean): void;
}

export function createSignalHooks(flush: (reason: string) => void): SignalHooks {
  /** Those that somebody else has been seen to handle. */
  const others = new Set<string>();
  const listeners = SIGNALS.map((signal) => ({ signal, listener: () => onSignal(signal) }));
  let isListening = false;
  let restoreKill: (() => void) | undefined;

  function listen(isWanted: boolean): void {
    isListening = isWanted;
    for (const { signal, listener } of listeners) {
      // Somebody may have taken it away.
      const listens = process.listeners(signal).includes(listener);
      if (listens && !isWanted) process.off(signal, listener);
      // Before others, so that it has gone when they look.
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
    // For good: they may look at any time. Those who have done their work may raise it again, to end the process.
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

/** As it would have ended without us; where the system can receive a signal and not raise it (SIGHUP on Windows), at once. */
function endBy(signal: NodeJS.Signals): void {
  try {
    process.kill(process.pid, signal);
  } catch {
    process.kill(process.pid, 'SIGKILL');
  }
}

/** Also of the group of processes that this one leads or is in. */
function isOwn(pid: number): boolean {
  return pid === 0 || Math.abs(pid) === process.pid;
}

function nameOf(signal: unknown): string {
  if (typeof signal !== 'number') return String(signal || 'SIGTERM');
  const { signals } = process.getBuiltinModule('node:os').constants;
  return Object.entries(signals).find(([, number]) => number === signal)?.[0] ?? '';
}
