/** Messages as OpenTelemetry's users expect them: through its diag, or on the console where no logger is set. */
import { createNotifier, type Notifier, reportToConsole } from '../producer/notifier.js';
import { diagLogger } from './global-api.js';

/** Loss is what somebody has to know of, as is an error: both are more than diag's `debug`. */
const DIAG_METHOD = { error: 'error', drop: 'warn', warning: 'warn', debug: 'debug' } as const;

export function createDiagNotifier(): Notifier {
  return createNotifier('warn', (kind, message) => {
    // Looked up each time: an application may set its logger after it has made the processor.
    const logger = diagLogger();
    if (logger === undefined) reportToConsole(kind, message);
    else logger[DIAG_METHOD[kind]](`[tailrace] ${message}`);
  });
}
