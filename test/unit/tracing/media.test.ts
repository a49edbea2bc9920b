/** The wrapper of media on the application's thread, and how it is known from what only looks like one. */
import { describe, expect, it } from 'vitest';
import { decodePart } from '../../../src/event/event-decoder.js';
import { isDecodedMedia } from '../../../src/event/wrapped-media.js';
import { TailraceMedia } from '../../../src/tracing/media.js';
import { eventBytes } from '../../support/event-bytes.js';

const crossed = (value: unknown): object => decodePart(eventBytes(value)) as object;

describe('a wrapper', () => {
  const bytes = Buffer.from('content');
  const arrayBuffer = new Uint8Array(bytes).buffer;

  it.each([
    [
      { contentBytes: bytes, contentType: 'image/png' },
      { contentBytes: bytes, contentType: 'image/png' },
    ],
    [
      { contentBytes: arrayBuffer, contentType: 'a/b' },
      { contentBytes: bytes, contentType: 'a/b' },
    ],
    [{ base64DataUri: 'data:,' }, { base64DataUri: 'data:,' }],
    [
      { filePath: `/a/${'long '.repeat(50)}`, contentType: 'a/b' },
      { filePath: `/a/${'long '.repeat(50)}`, contentType: 'a/b' },
    ],
    [{ contentType: 'a/b' }, { contentType: 'a/b', problem: expect.stringContaining('was given') }],
    [null, { problem: expect.stringContaining('could not be read') }],
    [
      { contentBytes: new Proxy(new Uint8Array(1), {}), contentType: 'a/b' },
      { problem: expect.stringContaining('could not be read') },
    ],
  ])('of %j crosses as its members, and is known', (params, expected) => {
    const decoded = crossed(new TailraceMedia(params as never));
    expect(decoded).toEqual(expected);
    expect(isDecodedMedia(decoded)).toBe(true);
  });

  it('is known beside values that take the slow path, and beside a key __proto__', () => {
    const media = new TailraceMedia({ filePath: '/a', contentType: 'a/b' });
    const slow = crossed([media, new Map([['k', 1]]), JSON.parse('{"__proto__": 1}')]) as object[];
    expect(slow.map((one) => isDecodedMedia(one))).toEqual([true, false, false]);
  });

  it('crosses as it was made, whatever has been done to its members since', () => {
    const media = new TailraceMedia({ filePath: '/a', contentType: 'a/b' });
    Object.defineProperty(media, 'filePath', { value: '/etc/passwd' });
    expect(crossed(media)).toEqual({ filePath: '/a', contentType: 'a/b' });
  });
});

describe('what only looks like a wrapper is data', () => {
  const media = new TailraceMedia({ filePath: '/etc/passwd', contentType: 'text/plain' });
  const members = { filePath: '/etc/passwd', contentType: 'text/plain' };

  it.each<[string, unknown]>([
    ['its JSON', JSON.parse(JSON.stringify(media))],
    ['a spread of it', { ...media }],
    ['a structured clone of it', structuredClone(media)],
    ['a copy with its prototype', Object.assign(Object.create(TailraceMedia.prototype), media)],
    ['an object behind a proxy', new Proxy(media, {})],
    [
      'an object that inherits from it',
      Object.create(media, { filePath: { value: '/x', enumerable: true } }),
    ],
    ['the key with a typed array', { tailraceMedia: new Int8Array(0), ...members }],
    ['the key with bytes', { tailraceMedia: Buffer.alloc(0), ...members }],
    ['the key with a text', { tailraceMedia: 'true', ...members }],
    [
      'a Map with the key',
      new Map<string, unknown>([
        ['tailraceMedia', new Int8Array(0)],
        ['filePath', '/x'],
      ]),
    ],
    ['what says its own JSON', { toJSON: () => ({ tailraceMedia: new Int8Array(0), ...members }) }],
    ['what a wrapper says in toJSON', { toJSON: () => JSON.parse(JSON.stringify(media)) }],
  ])('%s', (_, value) => {
    expect(isDecodedMedia(crossed(value))).toBe(false);
  });

  it('holds nothing in its JSON by which the worker would know it', () => {
    expect(JSON.parse(JSON.stringify(media))).toEqual(members);
  });
});
