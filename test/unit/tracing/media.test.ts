/** The wrapper of media on the application's thread. */
import { describe, expect, it } from 'vitest';
import { decodePart } from '../../../src/event/event-decoder.js';
import { MEDIA_KEY } from '../../../src/shared/media.js';
import { mediaMarker, TailraceMedia } from '../../../src/tracing/media.js';
import { eventBytes } from '../../support/event-bytes.js';

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
