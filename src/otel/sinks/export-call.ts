/** Calls an exporter of the application once. Whatever the exporter does, the call has a result. */

import type { SpanExporterLike } from '../../config/option-types.js';
import type { FinishedSpan } from '../../records/finished-span.js';
import { untraced } from '../../shared/runtime/otel-api.js';
import { startTimeout } from '../../shared/runtime/timeout.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { redactField } from '../../shared/untrusted-text/untrusted-text.js';

/** Resolves to the reason of a failure, or to undefined. Never rejects. */
export function exportBatch(
  exporter: SpanExporterLike,
  batch: FinishedSpan[],
  timeoutMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timeout = startTimeout(timeoutMs, false);
    void timeout.expired.then(() => resolve(`no answer after ${timeoutMs} ms`));
    const settle = (failure: string | undefined): void => {
      timeout.cancel();
      resolve(failure);
    };
    try {
      untraced(() =>
        exporter.export(batch, (result) =>
          settle(
            result?.code === 0 ? undefined : redactedMessage(result?.error ?? 'the exporter says it failed'),
          ),
        ),
      );
    } catch (error) {
      settle(redactedMessage(error));
    }
  });
}

/** The message may come from a server, and repeat a span. Looking for repetitions would take too long on this thread. */
function redactedMessage(error: unknown): string {
  return redactField(messageOf(error));
}
