/** Messages as OpenTelemetry's users expect them: through its diag, or on the console where no logger is set. */
import type { CodeOf, Message } from '../messages/message.js';
import { writeLine, writeToConsole } from '../producer/messages/log-line.js';
import { createNotifier, type Notifier } from '../producer/messages/notifier.js';
import type { MessageLevel } from '../shared/log-options.js';
import { diagLogger } from '../shared/runtime/otel-api.js';

export interface DiagNotifier extends Notifier {
  /**
   * What writes a line for debugging, of which there may be one for each span; undefined while nobody debugs, so that the
   * line need not be made.
   */
  debugWriter(): ((message: Message<CodeOf<'debug'>>) => void) | undefined;
}

/** `isDebugging`: whatever the level of OpenTelemetry's logger is. */
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

/** The logger is looked up each time: an application may set its own after it has made the processor. */
function writerOf(level: MessageLevel): (line: string) => void {
  return (line) => {
    const logger = diagLogger();
    if (logger === undefined) writeToConsole(level, line);
    else logger[level](line);
  };
}

/** Below its level a method is an anonymous no-op, else one that is bound (the API's diag/internal/logLevelLogger). */
function isDiagDebugging(): boolean {
  const logger = diagLogger();
  return logger !== undefined && logger.debug.name !== '';
}
