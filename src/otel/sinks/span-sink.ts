/** Where a processor puts its spans: a queue with a destination behind it. */

import type { FinishedSpan } from '../../records/finished-span.js';
import type { ExportNotice } from '../../shared/contract/control.js';
import type { Counts, DropReason } from '../../shared/contract/counts.js';

export interface SpanSink {
  /** Never throws; a span that is refused has been counted. */
  write(span: FinishedSpan): void;
  /** Counts a span that could not be kept until it can be written. */
  refuse(reason: DropReason): void;
  /** Resolves once all that was written has settled, or has had its time. Never rejects. */
  flush(): Promise<void>;
  /** The same, for good. */
  shutdown(): Promise<void>;
  stats(): Counts;
  /** Of a worker: told of each batch. */
  onExport?(listener: (notice: ExportNotice) => void): void;
}
