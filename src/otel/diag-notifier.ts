/** Sends messages to OpenTelemetry's `diag`, or to the console if no logger is set. */

import type { MessageLevel } from '../config/log-options.js';
import type { CodeOf, Message } from '../messages/message.js';
import { writeLine, writeToConsole } from '../producer/messages/log-line.js';
import { createNotifier, type Notifier } from '../producer/messages/notifier.js';
import { diagLogger } from '../shared/runtime/otel-api.js';

export interface DiagNotifier extends Notifier {
  /**
   * Returns the writer of debug lines, of which there may be one for each span. Undefined while nobody debugs, so that the line
   * need not be built.
   */
  debugWriter(): ((message: Message<CodeOf<'debug'>>) => void) | undefined;
}

/** `isDebugging`: also if OpenTelemetry's logger has another level. */
export function createDiagNotifier(isDebugging: boolean): DiagNotifier {
  const logger = {
    debug: writerOf('debug'),
    info: writerOf('info'),
    warn: writerOf('warn'),
    error: writerOf('error'),
  };
  const notifier = createNotifier(isDebugging ? 'debug' : 'warn', logger);
  const writeDebug = (message: Message<CodeOf<'debug'>>): void => writeLine(logger, 'debug', message);
  return {
    ...notifier,
    debugWriter: () => (isDebugging || isDiagDebugging() ? writeDebug : undefined),
  };
}

/** The logger is looked up each time, as an application may set its own after it has created the processor. */
function writerOf(level: MessageLevel): (line: string) => void {
  return (line) => {
    const logger = diagLogger();
    if (logger === undefined) writeToConsole(level, line);
    else logger[level](line);
  };
}

/** If the level excludes a method, it is an anonymous no-op, else a bound function (the API's diag/internal/logLevelLogger). */
function isDiagDebugging(): boolean {
  const logger = diagLogger();
  return logger !== undefined && logger.debug.name !== '';
}
