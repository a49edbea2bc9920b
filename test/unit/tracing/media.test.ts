/** The option to upload media, and the wrapper on the application's thread. */
import { describe, expect, it } from 'vitest';
import { decodePart } from '../../../src/event/event-decoder.js';
import { MEDIA_KEY } from '../../../src/shared/media.js';
import { mediaMarker, resolveMediaUpload, TailraceMedia } from '../../../src/tracing/media.js';
import { eventBytes } from '../../support/event-bytes.js';

describe('media upload', () => {
  it.each([
    [undefined, undefined, true],
    [undefined, '', true],
    [undefined, 'true', true],
    [undefined, 'False', false],
    [undefined, '0', false],
    [true, 'false', true],
    [false, 'true', false],
  ])('with option %j and variable %j is %j', (given, variable, expected) => {
    const problems: string[] = [];
    expect(resolveMediaUpload(given, variable, problems)).toBe(expected);
    expect(problems).toEqual([]);
  });

  it('is on, and says so, where its option or variable is neither true nor false', () => {
    const problems: string[] = [];
    expect(resolveMediaUpload('no', undefined, problems)).toBe(true);
    expect(resolveMediaUpload(undefined, 'off', problems)).toBe(true);
    expect(problems).toEqual([
      'option mediaUpload must be true or false, but got: "no"; using true',
      'LANGFUSE_MEDIA_UPLOAD_ENABLED must be true or false, but got: "off"; using true',
    ]);
  });
});

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
      { filePath: '/a', contentType: 'a/b' },
      { filePath: '/a', contentType: 'a/b' },
    ],
    [{ contentType: 'a/b' }, { contentType: 'a/b', problem: expect.stringContaining('was given') }],
    [null, { problem: expect.stringContaining('could not be read') }],
  ])('of %j crosses as its members and the marker', (params, expected) => {
    const decoded = decodePart(eventBytes(new TailraceMedia(params as never)));
    expect(decoded).toEqual({ ...expected, [MEDIA_KEY]: mediaMarker() });
  });
});
