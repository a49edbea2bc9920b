/** A batch in a stream, whatever server has the stream: its fields, its id, its shard. A change of their meaning needs a new version. */
import { createHash } from 'node:crypto';
import type { ExportAttempt } from '../../shared/contract/exporter.js';

export const ENTRY_VERSION = '1';

/** 22 characters are 132 bits. */
const ID_CHARACTERS = 22;

/** The same for the same bytes: consumers know a batch that was added twice by it. */
export function batchIdOf(
  lane: string,
  { body, encoding }: Pick<ExportAttempt, 'body' | 'encoding'>,
): string {
  const hash = createHash('sha256').update(`${lane}\n${encoding}\n`);
  for (const piece of body) hash.update(piece);
  return hash.digest('base64url').slice(0, ID_CHARACTERS);
}

/** The same stream for the same batch, whoever adds it. */
export function shardOf(batchId: string, shards: number): number {
  return shards === 1 ? 0 : Buffer.from(batchId.slice(0, 8), 'base64url').readUInt32BE(0) % shards;
}

export interface Entry {
  readonly lane: string;
  readonly contentType: string;
  readonly encoding: ExportAttempt['encoding'];
  readonly count: number;
  readonly id: string;
  readonly producer: string;
  readonly body: Buffer;
}

/** Names and values of all fields but the body. */
export function textFieldsOf({
  lane,
  contentType,
  encoding,
  count,
  id,
  producer,
}: Omit<Entry, 'body'>): readonly (readonly [name: string, value: string])[] {
  return [
    ['v', ENTRY_VERSION],
    ['lane', lane],
    ['type', contentType],
    ['encoding', encoding],
    ['count', String(count)],
    ['id', id],
    ['producer', producer],
  ];
}
