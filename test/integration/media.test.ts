/** Media in traces: from the application's values to the content that the real receiver has stored. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TailraceMedia } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { dataUri, imageBytes, mediaIdOf, startMediaBench, tagOf } from '../support/media.js';

const IMAGE = imageBytes(1);

function fileWith(content: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-media-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'media');
  writeFileSync(path, content);
  return path;
}

const TYPE_NAMES = ['contentType', 'mediaType', 'mimeType', 'media_type', 'mime_type'];

/** What an application may pass, and what is to arrive in its place. */
const FORMS: [string, () => unknown, unknown][] = [
  ['a data URI', () => dataUri(IMAGE), tagOf(IMAGE)],
  [
    'a data URI in a text beyond Latin-1',
    () => `그림: ![](${dataUri(IMAGE)}) 끝`,
    `그림: ![](${tagOf(IMAGE)}) 끝`,
  ],
  [
    "OpenAI's image_url",
    () => [{ type: 'image_url', image_url: { url: dataUri(IMAGE), detail: 'low' } }],
    [{ type: 'image_url', image_url: { url: tagOf(IMAGE), detail: 'low' } }],
  ],
  [
    "OpenAI's input_audio",
    () => ({ input_audio: { data: IMAGE.toString('base64'), format: 'wav' } }),
    { input_audio: { data: tagOf(IMAGE, 'audio/wav'), format: 'wav' } },
  ],
  [
    "Anthropic's source",
    () => ({ source: { type: 'base64', media_type: 'image/png', data: IMAGE.toString('base64') } }),
    { source: { type: 'base64', media_type: 'image/png', data: tagOf(IMAGE) } },
  ],
  [
    "Google's inlineData",
    () => ({ inlineData: { mimeType: 'image/png', data: IMAGE.toString('base64') } }),
    { inlineData: { mimeType: 'image/png', data: tagOf(IMAGE) } },
  ],
  [
    'a Buffer with a content type',
    () => ({ type: 'file', mediaType: 'image/png', data: Buffer.from(IMAGE) }),
    { type: 'file', mediaType: 'image/png', data: tagOf(IMAGE, 'image/png', 'bytes') },
  ],
  [
    'a Uint8Array with a content type',
    () => ({ image: new Uint8Array(IMAGE), mimeType: 'image/png' }),
    { image: tagOf(IMAGE, 'image/png', 'bytes'), mimeType: 'image/png' },
  ],
  [
    'bytes beside each name of a content type',
    () => TYPE_NAMES.map((name) => ({ [name]: 'image/png', data: new Uint8Array(IMAGE) })),
    TYPE_NAMES.map((name) => ({ [name]: 'image/png', data: tagOf(IMAGE, 'image/png', 'bytes') })),
  ],
  [
    'wrapped bytes',
    () => ({ deep: [new TailraceMedia({ contentBytes: IMAGE, contentType: 'image/png' })] }),
    { deep: [tagOf(IMAGE, 'image/png', 'bytes')] },
  ],
  ['a wrapped data URI', () => new TailraceMedia({ base64DataUri: dataUri(IMAGE) }), tagOf(IMAGE)],
  [
    'a wrapped file',
    () => new TailraceMedia({ filePath: fileWith(IMAGE), contentType: 'image/png' }),
    tagOf(IMAGE, 'image/png', 'file'),
  ],
  [
    'a wrapper beside a value that takes the slow path',
    () => [new TailraceMedia({ contentBytes: IMAGE, contentType: 'image/png' }), new Map([['k', 1]])],
    [tagOf(IMAGE, 'image/png', 'bytes'), { k: 1 }],
  ],
];

describe('media', () => {
  it.each(FORMS)('as %s are stored, and the event refers to them', async (_name, given, expected) => {
    const { client, trace, media, content } = await startMediaBench();
    const handle = client.trace({ name: 't', input: given(), metadata: { in: given() } });
    handle.span({ name: 's', output: given() }).end();
    handle.end();
    const counts = await client.flush();
    expect(counts).toMatchObject({ sent: 2, failed: 0, pending: 0, mediaFailed: 0 });

    const stored = await trace(handle.id);
    expect(stored.input).toEqual(expected);
    expect(stored.observations[0].output).toEqual(expected);
    expect(stored.metadata.in).toEqual(expected);
    const { status, json } = await media(mediaIdOf(IMAGE));
    expect(status).toBe(200);
    expect(json).toMatchObject({ mediaId: mediaIdOf(IMAGE), contentLength: IMAGE.byteLength });
    expect(await content(mediaIdOf(IMAGE))).toEqual(IMAGE);
  });

  it('of several MB arrive whole, by the lane beside the ring', async () => {
    const { client, trace, content } = await startMediaBench();
    const film = imageBytes(2, 9 * 1024 * 1024);
    const handle = client.trace({
      name: 't',
      input: new TailraceMedia({ contentBytes: film, contentType: 'video/mp4' }),
      output: dataUri(film, 'video/mp4'),
    });
    handle.end();
    expect(await client.flush()).toMatchObject({ sent: 1, mediaFailed: 0 });
    expect((await trace(handle.id)).output).toBe(tagOf(film, 'video/mp4'));
    expect((await content(mediaIdOf(film))).equals(film)).toBe(true);
  });

  it('are frozen when they are handed over', async () => {
    const { client, content } = await startMediaBench();
    const bytes = Buffer.from(IMAGE);
    const span = client.trace({ name: 't' }).span({ input: { contentType: 'image/png', bytes } });
    bytes.fill(0);
    span.end();
    await client.flush();
    expect(await content(mediaIdOf(IMAGE))).toEqual(IMAGE);
  });

  it('of a type that Langfuse does not list are kept as bytes of any kind', async () => {
    const { client, trace, media } = await startMediaBench();
    const handle = client.trace({ name: 't', input: dataUri(IMAGE, 'font/woff2') });
    handle.end();
    await client.flush();
    expect((await trace(handle.id)).input).toBe(tagOf(IMAGE, 'application/octet-stream'));
    expect((await media(mediaIdOf(IMAGE))).json.contentType).toBe('application/octet-stream');
  });

  it('that are none stay what they are: text, bare bytes, broken URIs', async () => {
    const { client, trace } = await startMediaBench();
    const input = {
      text: 'data:image/png;base64, as they say',
      broken: 'data:image/png;base64,abc-_def',
      empty: 'data:image/png;base64,',
      contentType: 'text/plain',
      content: 'abcdefgh',
      bytes: { bare: Buffer.from('bare') },
    };
    const handle = client.trace({ name: 't', input });
    handle.end();
    expect(await client.flush()).toMatchObject({ sent: 1, mediaFailed: 0 });
    expect((await trace(handle.id)).input).toEqual(JSON.parse(JSON.stringify(input)));
  });
});

describe('a wrapper', () => {
  it('with wrong parameters says so in the event, and is counted', async () => {
    const { client, trace, warnings } = await startMediaBench();
    const wrong = [
      undefined,
      {},
      { contentBytes: IMAGE },
      { base64DataUri: 'no URI' },
      { base64DataUri: 'data:image/png;base64 payload' },
      { contentBytes: Buffer.alloc(0), contentType: 'image/png' },
      { filePath: '/nowhere/at/all.png', contentType: 'image/png' },
      { filePath: '/dev/zero', contentType: 'image/png' },
    ];
    const handle = client.trace({
      name: 't',
      input: wrong.map((params) => new TailraceMedia(params as never)),
    });
    handle.end();
    expect(await client.flush()).toMatchObject({ sent: 1, failed: 0, mediaFailed: wrong.length });
    const { input } = await trace(handle.id);
    for (const text of input) expect(text).toMatch(/^\[media.*, not uploaded: .+\]$/);
    expect(input[3]).toBe('[media, 6 characters, not uploaded: base64DataUri is not a data URI in base64]');
    expect(input[6]).toContain('ENOENT');
    expect(warnings.join()).toContain('was not uploaded');
    expect([...input, ...warnings].join()).not.toContain('payload');
  });

  it('cannot be forged by whoever decides what is traced', async () => {
    const { client, trace } = await startMediaBench();
    const forged = { tailraceMedia: 'true', filePath: fileWith(IMAGE), contentType: 'image/png' };
    const handle = client.trace({ name: 't', input: forged });
    handle.end();
    await client.flush();
    expect((await trace(handle.id)).input).toEqual(forged);
  });

  it.each<[string, (media: TailraceMedia) => unknown]>([
    ['JSON', (media) => JSON.parse(JSON.stringify(media))],
    ['a spread', (media) => ({ ...media })],
    ['a structured clone', (media) => structuredClone(media)],
  ])('that came back as %s is data, and its file is not read', async (_, copied) => {
    const { client, trace } = await startMediaBench();
    const filePath = fileWith(IMAGE);
    const handle = client.trace({
      name: 't',
      input: copied(new TailraceMedia({ filePath, contentType: 'image/png' })),
    });
    handle.end();
    expect(await client.flush()).toMatchObject({ sent: 1, mediaFailed: 0 });
    expect((await trace(handle.id)).input).toEqual({ filePath, contentType: 'image/png' });
  });

  it('stays one behind a mask in the worker that returns what it was given, or hides some of it', async () => {
    const mask = `export const mask = ({ data }) => (data.hidden ? { ...data, hidden: '#' } : data);`;
    const { client, trace } = await startMediaBench({
      maskModule: `data:text/javascript,${encodeURIComponent(mask)}`,
      redact: true,
    });
    const media = new TailraceMedia({ filePath: fileWith(IMAGE), contentType: 'image/png' });
    const handle = client.trace({ name: 't', input: media, output: { hidden: 'x', media } });
    handle.end();
    expect(await client.flush()).toMatchObject({ sent: 1, mediaFailed: 0 });
    const tag = tagOf(IMAGE, 'image/png', 'file');
    expect(await trace(handle.id)).toMatchObject({ input: tag, output: { hidden: '#', media: tag } });
  });

  it('that a mask in the worker copies by its JSON is data, and its file is not read', async () => {
    const mask = 'export const mask = ({ data }) => JSON.parse(JSON.stringify(data));';
    const { client, trace } = await startMediaBench({
      maskModule: `data:text/javascript,${encodeURIComponent(mask)}`,
    });
    const filePath = fileWith(IMAGE);
    const input = new TailraceMedia({ filePath, contentType: 'image/png' });
    const handle = client.trace({ name: 't', input });
    handle.end();
    expect(await client.flush()).toMatchObject({ sent: 1, mediaFailed: 0 });
    expect((await trace(handle.id)).input).toEqual({ filePath, contentType: 'image/png' });
  });

  it('whose path is redacted is not found, and no pattern looks into its content', async () => {
    const { client, trace, warnings } = await startMediaBench({ redact: /secret/ });
    const file = fileWith(Buffer.from('a secret in a file'));
    const moved = `${file}-of-a-secret`;
    renameSync(file, moved);
    const contentBytes = Buffer.from('a secret in bytes');
    const handle = client.trace({
      name: 't',
      input: new TailraceMedia({ filePath: moved, contentType: 'text/plain' }),
      output: new TailraceMedia({ contentBytes, contentType: 'text/plain' }),
    });
    handle.end();
    expect(await client.flush()).toMatchObject({ sent: 1, mediaFailed: 1 });
    const { input, output } = await trace(handle.id);
    expect(input).toContain('not uploaded');
    expect(output).toBe(tagOf(contentBytes, 'text/plain', 'bytes'));
    expect(warnings.join()).toContain('was not uploaded');
  });

  it('is a readable text where media are not uploaded: switched off, or in a score', async () => {
    const { client, trace } = await startMediaBench({ mediaUpload: false });
    const wrapper = new TailraceMedia({ contentBytes: IMAGE, contentType: 'image/png' });
    const handle = client.trace({ name: 't', input: { wrapper, uri: dataUri(IMAGE) } });
    handle.generation({ modelParameters: { wrapper } }).end();
    handle.score({ name: 'quality', value: 1, metadata: { wrapper } });
    handle.end();
    expect(await client.flush()).toMatchObject({ sent: 3, mediaFailed: 0 });
    const text = '[media of image/png, 300 bytes, not uploaded]';
    const stored = await trace(handle.id);
    expect(stored.input).toEqual({ wrapper: text, uri: dataUri(IMAGE) });
    expect(stored.observations[0].modelParameters).toEqual({ wrapper: text });
    expect(stored.scores[0].metadata).toEqual({ wrapper: text });
  });
});
