/**
 * A batch: encoded records of one lane that are sent in one request.
 *
 *   open ──full, old or flushed──▶ queued ──slot──▶ under way ──▶ settled: sent or failed
 *   (batcher)                        │                │   │
 *                                    ▼                ▼   └─ partly accepted or too large: its parts are under way
 *                                  in the spool, its records settled as spooled ──replay──▶ under way
 */
import type { EncodedRecord } from '../../shared/contract/exporter.js';
import type { Frame, Origin } from '../../spool/disk/segments.js';

export interface Batch {
  readonly lane: string;
  readonly records: EncodedRecord[];
  /** Numbers of the records in the ledger. */
  readonly numbers: number[];
  /** Above 0: workers have died while they worked on batches with these records. See recovery/post-mortem.ts. */
  readonly suspicion: number;
  /** Set once no request reads the bytes of its records: it is made of a compressed copy, or the server has taken them all. */
  isUnshared?: boolean;
  /** Set once the batch was written to the spool. */
  spooled?: SpooledState | undefined;
}

/** What the spool has of a batch. */
interface SpooledState {
  /** Undefined if the disk failed when the batch was divided. */
  readonly frame: Frame | undefined;
  /** Whether the records have settled as spooled. */
  counted: boolean;
  readonly from: Origin;
}

/** The records of a batch whose index is wanted, as a batch. It shares the frame of the whole batch in the spool. */
export function pick(batch: Batch, wanted: (index: number) => boolean): Batch {
  return {
    ...batch,
    records: batch.records.filter((_, index) => wanted(index)),
    numbers: batch.numbers.filter((_, index) => wanted(index)),
  };
}

/** Whether the records have settled as spooled: from then on the spool decides what becomes of them. */
export function isOnDisk({ spooled }: Batch): boolean {
  return spooled?.counted === true;
}
