/** Revisions change a record before it is encoded. A record that no revision wants keeps its bytes. */

import { createEventWriter } from '../event/event-writer.js';
import { writeValue } from '../event/value-writer.js';
import type { ExporterContext } from '../shared/contract/exporter.js';

/** A record as JavaScript values (`FIELD` and `SCORE_FIELD` say where), to be changed in place. */
export type OpenRecord = unknown[];

/** The part of the exporter's context that a revision uses. On the application's thread nothing watches whether it hangs. */
export type RevisionContext = Pick<ExporterContext, 'warning'> &
  Partial<Pick<ExporterContext, 'stillAlive' | 'load'>>;

/** One change to records: masking, redaction, media or usage. */
export interface Revision {
  /** Whether it has to look at this record (an event's bytes). Must be cheap: it is called for each record. */
  wants(event: Buffer): boolean;
  /**
   * Changes the record. The record's settlement waits for the returned promise, if any, which must not reject. It must not
   * throw at any value of an application.
   */
  apply(record: OpenRecord): Promise<unknown> | undefined;
}

export interface Revised {
  readonly event: Buffer;
  readonly settlesAfter?: Promise<unknown> | undefined;
}

/** A larger buffer is not kept for the next record. */
const KEEP_BYTES = 1024 * 1024;
const MAX_BYTES = 2 ** 30;

/** Applies the revisions in order. The result is valid until the next call. */
export function createReviser(
  revisions: readonly Revision[],
  decode: (event: Uint8Array) => unknown,
): (event: Buffer) => Revised {
  const write = createRecordWriter();
  return (event) => {
    const wanted = revisions.filter((revision) => revision.wants(event));
    if (wanted.length === 0) return { event };
    const record = decode(event);
    // `decode` returns a text that says why a record cannot be decoded.
    if (!Array.isArray(record)) throw new Error(String(record));
    const waits = wanted.map((revision) => revision.apply(record));
    const revised = { event: write(record) };
    const pending = waits.filter((wait) => wait !== undefined);
    return pending.length === 0 ? revised : { ...revised, settlesAfter: Promise.all(pending) };
  };
}

/** Turns records into events again, each valid until the next one. */
export function createRecordWriter(): (record: OpenRecord) => Buffer {
  let out = createWriter();
  return (record) => {
    if (out.limit > KEEP_BYTES) out = createWriter();
    out.position = 0;
    writeValue(out, record);
    return out.buffer.subarray(0, out.position);
  };
}

function createWriter() {
  return createEventWriter(Buffer.allocUnsafeSlow(KEEP_BYTES), KEEP_BYTES, MAX_BYTES);
}
