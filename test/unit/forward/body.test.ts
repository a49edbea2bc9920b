/** Parts of batches: spans of OTLP bodies, and events of ingestion bodies, by index. */
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partOf, plainBody, readIngestionBody } from '../../../src/forward/body.js';
import type { Batch } from '../../../src/forward/contract.js';
import { pickSpans } from '../../../src/forward/spans.js';
import { decodeOtlpProtobuf } from '../../../src/ingest/otlp/protobuf-decoder.js';
import { protobufField } from '../../../src/receiver/ingest/otlp/protobuf-writer.js';
import { atOnce } from '../../../src/receiver/slices.js';

const span = (name: string): Buffer =>
  Buffer.concat([
    protobufField(1, Buffer.alloc(16, 1)),
    protobufField(2, Buffer.alloc(8, 2)),
    protobufField(5, name),
  ]);

/** Resources of scopes of names. */
function request(resources: readonly (readonly (readonly string[])[])[]): Buffer {
  return Buffer.concat(
    resources.map((scopes) =>
      protobufField(
        1,
        Buffer.concat([
          protobufField(1, Buffer.alloc(0)),
          ...scopes.map((names) =>
            protobufField(
              2,
              Buffer.concat([
                protobufField(1, protobufField(1, 'scope')),
                ...names.map((name) => protobufField(2, span(name))),
                protobufField(3, 'a schema'),
              ]),
            ),
          ),
        ]),
      ),
    ),
  );
}

const batch = (lane: string, body: Buffer, more: Partial<Batch> = {}): Batch => ({
  lane,
  contentType: lane === 'spans' ? 'application/x-protobuf' : 'application/json',
  encoding: 'identity',
  count: 3,
  id: 'id',
  producer: '',
  body,
  ...more,
});

const namesOf = (body: Buffer): string[] => atOnce(decodeOtlpProtobuf(body)).map(({ name }) => name);

describe('picked spans', () => {
  it('are those asked for, in their order, of any nesting', () => {
    const nesting = fc.array(fc.array(fc.array(fc.string({ unit: 'grapheme', maxLength: 200 }))));
    fc.assert(
      fc.property(nesting, fc.infiniteStream(fc.boolean()), (resources, choices) => {
        const names = resources.flat(2);
        const chosen = names.map(() => choices.next().value as boolean);
        const { body, count } = pickSpans(request(resources), (index) => chosen[index] as boolean);
        const expected = names.filter((_, index) => chosen[index]);
        expect(count).toBe(expected.length);
        expect(namesOf(body)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('are the whole body, byte by byte, if all are asked for', () => {
    const body = request([[['a', 'b'], ['c']], [['d'.repeat(40_000)]]]);
    expect(pickSpans(body, () => true).body.equals(body)).toBe(true);
  });

  it('leave fields alone that nobody knows', () => {
    const unknown = Buffer.concat([
      Buffer.from([0xf9, 0x07, 1, 2, 3, 4, 5, 6, 7, 8]),
      Buffer.from([0xfd, 0x07, 1, 2, 3, 4]),
      Buffer.from([0xf8, 0x07, 0x80, 0x01]),
    ]);
    const body = Buffer.concat([request([[['a', 'b']]]), unknown]);
    const { body: part } = pickSpans(body, (index) => index === 1);
    expect(part.subarray(-unknown.byteLength).equals(unknown)).toBe(true);
    expect(namesOf(part)).toEqual(['b']);
  });

  it('are none of bytes that are no request, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const part = partOf(batch('spans', Buffer.from(bytes)), () => true);
        expect(part === undefined || part.count > 0).toBe(true);
      }),
    );
    const cut = request([[['a']]]).subarray(0, -1);
    expect(partOf(batch('spans', cut), () => true)).toBeUndefined();
  });
});

describe('a part of a batch', () => {
  it('has an id of its own, the same for the same part, and is uncompressed', () => {
    const whole = batch('spans', gzipSync(request([[['a', 'b', 'c']]])), { encoding: 'gzip' });
    const part = partOf(whole, (index) => index > 0) as Batch;
    expect(part).toMatchObject({ encoding: 'identity', count: 2, lane: 'spans' });
    expect(namesOf(part.body)).toEqual(['b', 'c']);
    expect(part.id).toMatch(/^[\w-]{22}$/);
    expect(partOf(whole, (index) => index > 0)?.id).toBe(part.id);
    expect(partOf(whole, (index) => index > 1)?.id).not.toBe(part.id);
  });

  it('of events keeps what is around them', () => {
    const events = [{ id: '1' }, { id: '2' }, { id: '3' }];
    const body = Buffer.from(JSON.stringify({ batch: events, metadata: { sdk_name: 'x' } }));
    const part = partOf(batch('scores', body), (index) => index !== 1) as Batch;
    expect(JSON.parse(String(part.body))).toEqual({
      batch: [{ id: '1' }, { id: '3' }],
      metadata: { sdk_name: 'x' },
    });
    expect(part.count).toBe(2);
  });

  it.each([
    ['no JSON', 'x'],
    ['no batch', '{}'],
    ['a batch that is none', '{"batch":{}}'],
    ['events without an id', '{"batch":[{"id":1}]}'],
    ['null', 'null'],
    ['null as an event', '{"batch":[null]}'],
  ])('does not exist of %s', (_, text) => {
    expect(() => readIngestionBody(batch('scores', Buffer.from(text)))).toThrow();
    expect(partOf(batch('scores', Buffer.from(text)), () => true)).toBeUndefined();
  });

  it('does not exist where nothing is left, nor of spans in another format', () => {
    const body = request([[['a']]]);
    expect(partOf(batch('spans', body), () => false)).toBeUndefined();
    expect(partOf(batch('spans', body, { contentType: 'application/json' }), () => true)).toBeUndefined();
  });

  it('is not inflated beyond a bound', () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024));
    expect(gunzipSync(bomb).byteLength).toBeGreaterThan(64 * 1024 * 1024);
    expect(() => plainBody(batch('scores', bomb, { encoding: 'gzip' }))).toThrow();
    expect(partOf(batch('scores', bomb, { encoding: 'gzip' }), () => true)).toBeUndefined();
  });
});
