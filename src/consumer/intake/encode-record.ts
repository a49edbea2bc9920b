/**
 * The first of the three calls of an exporter: it encodes one record of the ring, and the result goes into a batch. A record
 * that workers have died of is sent without its payloads, or not at all.
 */

import { decodeEvent } from '../../event/event-decoder.js';
import { message } from '../../messages/message.js';
import type { EncodedRecord, Exporter } from '../../shared/contract/exporter.js';
import { SIDE, WITHHOLDING_REPORTED } from '../../shared/ring/ring-layout.js';
import { readReferred } from '../../shared/ring/side-lane-layout.js';
import { printableName } from '../../shared/untrusted-text/printable.js';
import { addRecord, type Batcher } from '../delivery/batcher.js';
import { redactedMessage } from '../exporter/exporter-text.js';
import type { Notices } from '../notices.js';
import { mark } from '../recovery/record-marks.js';
import type { RingReader, RingRecord } from './ring-reader.js';

export interface RecordEncoder {
  readonly reader: RingReader;
  readonly exporter: Exporter;
  readonly batcher: Batcher;
  /** Events that are too large for the ring. */
  readonly sideLane: SharedArrayBuffer;
  readonly notices: Notices;
}

/** A suspicion by which a record is in a batch of its own. */
const ALONE = 1;

/** Adds a record to a batch. Returns why the record cannot be encoded, if it cannot. */
export function encodeRecord(encoder: RecordEncoder, record: RingRecord, number: number): string | undefined {
  const { exporter, sideLane, batcher } = encoder;
  let { payload } = record;
  try {
    if (record.type === SIDE) payload = readReferred(sideLane, payload);
    if (record.poison) addRecord(batcher, encodeWithheld(encoder, record, payload), number, ALONE);
    else addRecord(batcher, encode(exporter, payload), number, record.suspicion);
    return undefined;
  } catch (error) {
    return redactedMessage(error, [payload]);
  }
}

/** Why a record must not be encoded at all, if so. */
export function whySkipped({ exporter }: RecordEncoder, record: RingRecord): string | undefined {
  const isSkipped = record.poison && (record.hopeless || exporter.encodeWithheld === undefined);
  return isSkipped ? whyPoison(record) : undefined;
}

function whyPoison({ stuck }: RingRecord): string {
  return stuck ? 'a worker hung on it' : 'it has crashed workers';
}

function encodeWithheld(
  { exporter, reader, notices }: RecordEncoder,
  record: RingRecord,
  payload: Buffer,
): EncodedRecord {
  const encoded = checked(exporter.encodeWithheld?.(payload));
  if (!record.isWithheldReported) {
    const { lane, id } = encoded;
    notices.tell(
      message(
        'TAILRACE_PAYLOADS_WITHHELD',
        printableName(lane),
        printableName(String(id)),
        payload.byteLength,
        whyPoison(record),
      ),
    );
    mark(reader, record.position, WITHHOLDING_REPORTED);
  }
  return encoded;
}

function encode(exporter: Exporter, payload: Buffer): EncodedRecord {
  return checked(exporter.encodeBytes?.(payload) ?? exporter.encode?.(decodeEvent(Buffer.from(payload))));
}

function checked(record: EncodedRecord | undefined): EncodedRecord {
  // An application's exporter may return anything. A rejection before the response would end the worker.
  if (record?.settlesAfter !== undefined) Promise.resolve(record.settlesAfter).catch(() => {});
  if (typeof record?.lane === 'string' && record.bytes instanceof Uint8Array) return record;
  throw new TypeError('encode must return {lane, id, bytes} with a string and a Uint8Array');
}
