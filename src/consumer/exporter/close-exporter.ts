/** Lets an exporter end its connections. */
import { message } from '../../messages/message.js';
import type { Exporter } from '../../shared/contract/exporter.js';
import type { Notices } from '../notices.js';
import { redactedMessage } from './exporter-text.js';

/** An application's `close` may throw, or return a promise that rejects, which would end the worker. */
export function closeExporter(exporter: Exporter, notices: Notices): void {
  const failed = (error: unknown): void => {
    const reason = redactedMessage(error, []);
    notices.warning(message('TAILRACE_EXPORTER_WARNING', `the exporter could not be closed: ${reason}`));
  };
  try {
    Promise.resolve(exporter.close?.()).catch(failed);
  } catch (error) {
    failed(error);
  }
}
