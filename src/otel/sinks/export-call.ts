/** One call of an exporter of the application's own: whatever it does, there is an answer. */

import type { SpanExporterLike } from '../../config/option-types.js';
import type { FinishedSpan } from '../../records/finished-span.js';
import { untraced } from '../../shared/runtime/otel-api.js';
import { clearTimeout, setTimeout } from '../../shared/runtime/real-time.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { fieldFromOutside } from '../../shared/untrusted-text/untrusted-text.js';

/** Undefined: it was a success. Never rejects. */
export function exportBatch(
  exporter: SpanExporterLike,
  batch: FinishedSpan[],
  timeoutMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(`no answer after ${timeoutMs} ms`), timeoutMs);
    timer.unref();
    const settle = (failure: string | undefined): void => {
      clearTimeout(timer);
      resolve(failure);
    };
    try {
      untraced(() =>
        exporter.export(batch, (result) =>
          settle(result?.code === 0 ? undefined : saidBy(result?.error ?? 'the exporter says it failed')),
        ),
      );
    } catch (error) {
      settle(saidBy(error));
    }
  });
}

/** It may be a server's words, which may repeat a span's. What that holds is not looked through on this thread. */
function saidBy(error: unknown): string {
  return fieldFromOutside(messageOf(error));
}
