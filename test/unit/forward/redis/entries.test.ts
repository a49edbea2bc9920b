/** Entries of a stream, as they come from Redis. */
import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../../src/exporters/redis/entry.js';
import { parseEntry } from '../../../../src/forward/entry.js';
import { fieldsFrom } from '../../../../src/forward/redis/entries.js';

const ENTRY = {
  lane: 'spans',
  contentType: 'application/x-protobuf',
  encoding: 'gzip',
  count: 2,
  id: 'an id',
  producer: 'someone',
  body: Buffer.from([0, 255, 10, 13]),
} as const;

const raw = (...fields: (string | Buffer)[]) => fields.map((field) => Buffer.from(field as string));
const changed = (changes: Record<string, string | undefined>) => {
  const fields = new Map(fieldsFrom(raw(...fieldsOf(ENTRY))));
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) fields.delete(name);
    else fields.set(name, Buffer.from(value));
  }
  return parseEntry(fields);
};

describe('an entry', () => {
  it('is read as the exporter has written it', () => {
    expect(parseEntry(fieldsFrom(raw(...fieldsOf(ENTRY))))).toEqual({ kind: 'batch', batch: ENTRY });
  });

  it('of a later version is left to later forwarders', () => {
    expect(changed({ v: '2' })).toEqual({ kind: 'later', version: '2' });
    expect(changed({ v: '17', body: undefined })).toEqual({ kind: 'later', version: '17' });
  });

  it.each([
    [{ v: undefined }, 'a version (field v)'],
    [{ v: '0' }, 'a version (field v)'],
    [{ v: 'x'.repeat(1000) }, 'a version (field v)'],
    [{ lane: '' }, 'a lane'],
    [{ type: undefined }, 'a content type (field type)'],
    [{ encoding: 'br' }, 'an encoding, gzip or identity'],
    [{ count: '-1' }, 'a count'],
    [{ count: 'many' }, 'a count'],
    [{ id: undefined }, 'an id'],
    [{ body: undefined }, 'a body'],
    [{ lane: undefined, body: undefined }, 'a lane, a body'],
  ])('with %j is unreadable', (changes, lacks) => {
    const reason = `the entry is no batch of tailrace: it lacks ${lacks}`;
    expect(changed(changes)).toEqual({ kind: 'unreadable', reason });
  });

  it('has a lane that can be shown', () => {
    expect(changed({ lane: 'spans\u001b[31m\u202e' })).toMatchObject({ batch: { lane: 'spans[31m' } });
  });

  it('may have a field without a value at its end, or none', () => {
    expect(parseEntry(fieldsFrom(raw('v')))).toMatchObject({ kind: 'unreadable' });
    expect(parseEntry(fieldsFrom([]))).toMatchObject({ kind: 'unreadable' });
  });
});
