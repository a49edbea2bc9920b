/** The stream of a target: its configuration, which the exporter creates if it is missing, and how an entry becomes a message of it. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { NatsTarget } from '../../shared/contract/nats-options.js';
import { type Entry, textFieldsOf } from '../streams/entry.js';
import type { NatsConnection, OutgoingMessage } from './client.js';
import { isStreamMissing, isStreamThere } from './faults.js';
import type { StreamState } from './packages.js';

const compress = promisify(gzip);
/** JetStream has durations in nanoseconds. */
export const NANOS_PER_MS = 1_000_000;
/** The headers of a message are part of its payload: names, ids, a producer of up to 200 characters, the reason of a dead letter. */
export const HEADER_BYTES = 2048;
/** Before the names of an entry's fields. */
export const FIELD_PREFIX = 'Tailrace-';
const FIELDS = ['v', 'lane', 'type', 'encoding', 'count', 'id', 'producer'];

/** An entry is gone from the stream when its consumer has acknowledged it (`workqueue`). */
function configurationOf({
  stream,
  subject,
  maxBytes,
  full,
  duplicateWindowMs,
  storage,
  replicas,
}: NatsTarget): object {
  return {
    name: stream,
    subjects: [`${subject}.*`],
    retention: 'workqueue',
    discard: full === 'refuse' ? 'new' : 'old',
    max_bytes: maxBytes,
    storage,
    num_replicas: replicas,
    duplicate_window: duplicateWindowMs * NANOS_PER_MS,
  };
}

/** The stream as it is, or as it was made. Undefined: somebody has made it at the same moment. */
export async function ensureStream(
  { streams }: NatsConnection,
  target: NatsTarget,
): Promise<StreamState | undefined> {
  try {
    return await streams.info(target.stream);
  } catch (error) {
    if (!isStreamMissing(error)) throw error;
  }
  try {
    await streams.add(configurationOf(target));
  } catch (error) {
    if (!isStreamThere(error)) throw error;
  }
  return undefined;
}

/** A batch was cut before the server's limit was known, or has a single large event: compressed it may fit. Undefined: it does not. */
export async function fitted(entry: Entry, maxBodyBytes: number): Promise<Entry | undefined> {
  if (entry.body.byteLength <= maxBodyBytes) return entry;
  if (entry.encoding === 'gzip') return undefined;
  const body = await compress(entry.body);
  return body.byteLength > maxBodyBytes ? undefined : { ...entry, encoding: 'gzip', body };
}

/** `Tailrace-Lane: spans`. */
export function headerOf(field: string): string {
  return FIELD_PREFIX + field[0]?.toUpperCase() + field.slice(1);
}

export function messageOf({ stream, subject }: NatsTarget, entry: Entry, shard: number): OutgoingMessage {
  return {
    stream,
    subject: `${subject}.${shard}`,
    id: entry.id,
    headers: textFieldsOf(entry).map(([name, value]) => [headerOf(name), value] as const),
    body: entry.body,
  };
}

/** The fields of an entry by their names, as far as there are any. */
export function fieldsIn(headers: ReadonlyMap<string, string>, body: Buffer): Map<string, Buffer | string> {
  const fields = new Map<string, Buffer | string>();
  for (const name of FIELDS) {
    const value = headers.get(headerOf(name));
    if (value !== undefined) fields.set(name, value);
  }
  return fields.set('body', body);
}
