/** Reads entries as the exporters into streams write them, whatever server the stream is in. */
import { ENTRY_VERSION, type Entry } from '../exporters/streams/entry.js';
import { printableName } from '../shared/untrusted-text/printable.js';

/** The fields of an entry, as they came. */
export type Fields = ReadonlyMap<string, Buffer | string>;

export type Parsed =
  | { readonly kind: 'batch'; readonly batch: Entry }
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** Of a later version, which a later forwarder reads. */
  | { readonly kind: 'later'; readonly version: string };

export function parseEntry(fields: Fields): Parsed {
  const text = (name: string): string => fields.get(name)?.toString() ?? '';
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
      body: body as Buffer,
    },
  };
}
