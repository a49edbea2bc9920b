/**
 * The very last moment of a process: after all listeners for `exit`, also those that are registered after ours, and also
 * where one of them calls `process.exit()`, which ends the process at once. Node.js has no event for it.
 */
import { replaceMethod } from './replaced-method.js';

export interface ExitWatch {
  begin(): void;
  /**
   * To be called when the process may be about to end: the package signal-exit, for one, replaces `process.emit` by what it
   * found when it was imported, so that what came in between is never called.
   */
  renew(): void;
  /** To be called by a listener for `exit`. */
  renewLast(): void;
  end(): void;
}

/** `onLast` may be called more than once. */
export function createExitWatch(onLast: () => void): ExitWatch {
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

  /** What `process.exit()` calls after the listeners, or in place of them when one of them has called it. */
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
