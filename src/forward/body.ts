/** The bodies of batches: uncompressed, and parts of them, as bytes in the form in which they came. */
import { gunzipSync } from 'node:zlib';
import { batchIdOf } from '../exporters/streams/entry.js';
import type { Batch } from './contract.js';
import { pickSpans } from './spans.js';

export const SPANS = 'spans';
export const SCORES = 'scores';
export const TRACE_UPDATES = 'trace updates';

/** Of what a small body may become. The limit of OTLP for one request is as high. */
const MAX_INFLATED_BYTES = 64 * 1024 * 1024;

/** Throws if it cannot be uncompressed. */
export function plainBody({ encoding, body }: Batch): Buffer {
  return encoding === 'gzip' ? gunzipSync(body, { maxOutputLength: MAX_INFLATED_BYTES }) : body;
}

/** What a message must not show. */
export function textOfBody(batch: Batch): Buffer {
  try {
    return plainBody(batch);
  } catch {
    return batch.body;
  }
}

export interface IngestionBody {
  readonly batch: readonly { readonly id: string }[];
  readonly metadata?: unknown;
}

/** Throws if it is none. */
export function readIngestionBody(batch: Batch): IngestionBody {
  const body = JSON.parse(plainBody(batch).toString('utf8')) as IngestionBody;
  if (!Array.isArray(body?.batch) || !body.batch.every((event) => typeof event?.id === 'string')) {
    throw new TypeError('it must be {"batch": [{"id", …}]}');
  }
  return body;
}

/** Undefined: it cannot be read, or nothing is left. The part gets an id of its own, as an id names bytes. */
export function partOf(batch: Batch, keep: (index: number) => boolean): Batch | undefined {
  try {
    const { body, count } = batch.lane === SPANS ? partOfSpans(batch, keep) : partOfEvents(batch, keep);
    if (count === 0) return undefined;
    const id = batchIdOf(batch.lane, { body: [body], encoding: 'identity' });
    return { ...batch, encoding: 'identity', count, id, body };
  } catch {
    return undefined;
  }
}

interface Part {
  readonly body: Buffer;
  readonly count: number;
}

function partOfSpans(batch: Batch, keep: (index: number) => boolean): Part {
  if (batch.contentType !== 'application/x-protobuf') return { body: batch.body, count: 0 };
  return pickSpans(plainBody(batch), keep);
}

function partOfEvents(batch: Batch, keep: (index: number) => boolean): Part {
  const body = readIngestionBody(batch);
  const events = body.batch.filter((_, index) => keep(index));
  return { body: Buffer.from(JSON.stringify({ ...body, batch: events })), count: events.length };
}
