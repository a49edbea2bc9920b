/** Messages as OpenTelemetry's users expect them: through its diag, or on the console where no logger is set. */
import { writeToConsole } from '../producer/log-line.js';
import { createNotifier, type Notifier } from '../producer/notifier.js';
import type { MessageLevel } from '../shared/log-options.js';
import { diagLogger } from './global-api.js';

export function createDiagNotifier(): Notifier {
  return createNotifier('warn', {
    debug: writerOf('debug'),
    info: writerOf('info'),
    warn: writerOf('warn'),
    error: writerOf('error'),
  });
}

/** The logger is looked up each time: an application may set its own after it has made the processor. */
function writerOf(level: MessageLevel): (line: string) => void {
  return (line) => {
    const logger = diagLogger();
    if (logger === undefined) writeToConsole(level, line);
    else logger[level](line);
  };
}
