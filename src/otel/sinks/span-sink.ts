/** The interface of a destination's queue: of the worker's ring, or before an exporter of the application. */

import type { FinishedSpan } from '../../records/finished-span.js';
import type { ExportNotice } from '../../shared/contract/control.js';
import type { Counts, DropReason } from '../../shared/contract/counts.js';

export interface SpanSink {
  /** Never throws. Counts a span that it refuses. */
  write(span: FinishedSpan): void;
  /** Counts a span that is lost before it can be written. */
  refuse(reason: DropReason): void;
  /** Resolves once all spans that were written have settled, or after `flushTimeoutMs`. Never rejects. */
  flush(): Promise<void>;
  /** Flushes, and ends the sink. Never rejects. */
  shutdown(): Promise<void>;
  stats(): Counts;
  /** Only for a worker: calls `listener` for each batch. */
  onExport?(listener: (notice: ExportNotice) => void): void;
}
