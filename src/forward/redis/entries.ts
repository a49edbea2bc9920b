/** Reads entries of a stream as the exporter writes them (`fieldsOf`). */
import { ENTRY_VERSION, type Entry } from '../../exporters/redis/entry.js';
import { printableName } from '../../shared/untrusted-text/printable.js';

/** The fields of an entry, as they came. */
export type Fields = ReadonlyMap<string, Buffer>;

export type Parsed =
  | { readonly kind: 'batch'; readonly batch: Entry }
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** Of a later version, which a later forwarder reads. */
  | { readonly kind: 'later'; readonly version: string };

/** `[id, [name, value, …]]` as Redis answers; null fields: the entry was deleted. */
export type RawEntry = readonly [id: Buffer, fields: readonly Buffer[] | null];

export function fieldsFrom(raw: readonly Buffer[]): Fields {
  const fields = new Map<string, Buffer>();
  for (let i = 0; i + 1 < raw.length; i += 2) fields.set(String(raw[i]), raw[i + 1] as Buffer);
  return fields;
}

/** Redis gives each entry the time in milliseconds, and numbers those of one millisecond. */
export function addedUsOf(id: string): number {
  const [ms, number] = id.split('-');
  return Number(ms) * 1000 + Math.min(Number(number), 999);
}

export function parseEntry(fields: Fields): Parsed {
  const text = (name: string): string => fields.get(name)?.toString('utf8') ?? '';
  const version = text('v');
  if (/^[1-9]\d{0,8}$/.test(version) && version !== ENTRY_VERSION) return { kind: 'later', version };
  const body = fields.get('body');
  const encoding = text('encoding');
  const count = Number(text('count'));
  const faults = [
    version === ENTRY_VERSION ? undefined : 'a version (field v)',
    text('lane') === '' ? 'a lane' : undefined,
    text('type') === '' ? 'a content type (field type)' : undefined,
    encoding === 'gzip' || encoding === 'identity' ? undefined : 'an encoding, gzip or identity',
    Number.isSafeInteger(count) && count >= 0 ? undefined : 'a count',
    text('id') === '' ? 'an id' : undefined,
    body === undefined ? 'a body' : undefined,
  ].filter((fault) => fault !== undefined);
  if (faults.length > 0 || body === undefined) {
    return { kind: 'unreadable', reason: `the entry is no batch of tailrace: it lacks ${faults.join(', ')}` };
  }
  return {
    kind: 'batch',
    batch: {
      lane: printableName(text('lane')),
      contentType: printableName(text('type')),
      encoding: encoding as Entry['encoding'],
      count,
      id: text('id'),
      producer: text('producer'),
      body,
    },
  };
}
