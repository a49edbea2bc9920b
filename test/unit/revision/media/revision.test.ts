/** Finding media in values, and what of it can be told from an event's bytes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBase64, readDataUri, replaceDataUris } from '../../../../src/revision/media/data-uri.js';
import { mayHoldMedia } from '../../../../src/revision/media/detection.js';
import { replaceMedia } from '../../../../src/revision/media/finder.js';
import { eventBytes } from '../../../support/event-bytes.js';
import { observation } from '../../../support/records.js';

const PIXEL = Buffer.from('pixel');
const URI = `data:image/png;base64,${PIXEL.toString('base64')}`;

const contents = fc.uint8Array({ minLength: 1, maxLength: 200 });
const types = fc.constantFrom('image/png', 'audio/mpeg', 'application/vnd.ms-excel', 'image/svg+xml');
const uris = fc
  .tuple(types, fc.constantFrom('', ';charset=utf-8', ';a=b;c=d'), contents)
  .map(([type, parameters, content]) => ({
    type,
    content,
    text: `data:${type}${parameters};base64,${Buffer.from(content).toString('base64')}`,
  }));
/** Text that neither is a data URI nor goes on with one's base64. */
const between = fc
  .string({ unit: 'grapheme', maxLength: 50 })
  .map((text) => ` ${text.replaceAll('data:', '')}|`);

describe('data URIs in a text', () => {
  it('are replaced, all of them, and the text around them is what it was', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(between, uris)), between, (parts, end) => {
        const text = parts.map(([before, uri]) => before + uri.text).join('') + end;
        const found: [string, Buffer][] = [];
        const replaced = replaceDataUris(text, ({ contentType, content }) => {
          found.push([contentType, content]);
          return '<media>';
        });
        expect(replaced).toBe(`${parts.map(([before]) => `${before}<media>`).join('')}${end}`);
        expect(found).toEqual(parts.map(([, { type, content }]) => [type, Buffer.from(content)]));
      }),
    );
  });

  it.each([
    'data:image/png;base64,',
    'data:;base64,cGl4ZWw=',
    'data:image/png,cGl4ZWw=',
    'data:image;base64,cGl4ZWw=',
    'data:image/png;base64,cGl4ZWw==',
    'data:image/png;base64,cGl4Z',
    'data:image/png;base64,cGl4-_Wx',
    'data:image/png;base64,cGl4ZWw%3D',
    'metadata:image/png;base64,cGl4ZWw=',
    ';base64,cGl4ZWw=',
    `data:image/png;base64,${'A'.repeat(76)}\r\n${'A'.repeat(40)}`,
  ])('that are malformed stay: %s', (text) => {
    expect(replaceDataUris(text, () => 'media')).toBe(text);
    expect(readDataUri(text)).toBeUndefined();
  });

  it('take time that is linear in the text', () => {
    const parts = ['data:a/b;', 'data:a/b;c=d', ';base64,', 'data:a/b;base64,', 'data:a/b;base64,AAAA ', 'A'];
    // Quadratic, each of them would take hours.
    for (const part of parts) {
      const text = part.repeat(5_000_000 / part.length);
      expect(replaceDataUris(text, () => 'media').length).toBeLessThanOrEqual(text.length);
    }
    const large = `data:video/mp4;base64,${'A'.repeat(40_000_000)}`;
    expect(readDataUri(large)?.content.byteLength).toBe(30_000_000);
  });

  it('are told from text that only looks like base64', () => {
    expect(['QUJD', 'QUI='].map(isBase64)).toEqual([true, true]);
    expect(['', 'QUJ', 'hello world!', 'QU-_', 7, null].map(isBase64)).toEqual(Array(6).fill(false));
  });
});

const substitutes = { media: () => 'media', object: () => undefined };

describe('media in a value', () => {
  it('leave a value without any untouched', () => {
    const plain = fc.anything({ withDate: true, withNullPrototype: true, withTypedArray: true });
    fc.assert(
      fc.property(plain, (value) => {
        expect(replaceMedia(value, substitutes)).toBe(value);
      }),
    );
  });

  it('are replaced where they are, and the value that was given is not changed', () => {
    const given = Object.freeze({ a: Object.freeze([1, URI]), b: { c: 'text' } });
    expect(replaceMedia(given, substitutes)).toEqual({ a: [1, 'media'], b: { c: 'text' } });
    expect(given.a[1]).toBe(URI);
  });

  it('leave a key __proto__ a key', () => {
    const replaced = replaceMedia(JSON.parse(`{"__proto__": {"x": "${URI}"}, "y": 1}`), substitutes);
    expect(JSON.stringify(replaced)).toBe('{"__proto__":{"x":"media"},"y":1}');
  });

  it.each([
    { type: 'text', mediaType: 'text/plain', data: 'abcd' },
    { mimeType: 'application/json', content: 'abcd' },
    { type: 'image', mediaType: 'image/png', image: 'https://example.com/image' },
    { type: 'base64', media_type: 'png', data: 'QUJD' },
    { contentType: 'image/png', bytes: new Uint8Array(0) },
    { bytes: PIXEL },
  ])('are not what is not said to be: %j', (value) => {
    expect(replaceMedia(value, substitutes)).toBe(value);
  });
});

describe('of an event', () => {
  const holding = (input: unknown) => mayHoldMedia(eventBytes(observation({ input })));

  it.each([
    ['a data URI', URI],
    ['one among Chinese', `看 ${URI}`],
    ['one in a long text of either kind', { a: `${'x'.repeat(500)}${URI}`, b: `${'看'.repeat(500)}${URI}` }],
    ...[
      'contentType',
      'mediaType',
      'mimeType',
      'media_type',
      'mime_type',
      'input_audio',
      'tailraceMedia',
    ].map((key): [string, unknown] => [key, { [key]: PIXEL }]),
  ])('it is seen that it may hold media: %s', (_name, input) => {
    expect(holding(input)).toBe(true);
  });

  it('it is mostly seen that it holds none', () => {
    expect(holding([{ role: 'user', content: 'What is base64, and a data: URI?' }])).toBe(false);
    expect(holding({ korean: '안녕하세요; 세계 '.repeat(100), bytes: Buffer.alloc(1000, 'AB') })).toBe(false);
  });
});
