/** The receiver's media: announced, sent, reported, read again, and shown without running. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageBytes, mediaIdOf } from '../support/media.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { call, postJson, traceA } from '../unit/receiver/helpers.js';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver({ port: 0 });
});
afterAll(() => receiver.close());

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('base64');
const announcement = (content: Buffer, contentType = 'image/png') => ({
  contentType,
  contentLength: content.byteLength,
  sha256Hash: sha256(content),
  traceId: traceA,
  field: 'input',
});
const announce = (body: object) => postJson(`${receiver.url}/api/public/media`, body);

function put(url: string, content: Buffer, headers: Record<string, string> = {}) {
  const all = { 'content-type': 'image/png', 'x-amz-checksum-sha256': sha256(content), ...headers };
  return call(url, { method: 'PUT', headers: { ...all, authorization: '' }, body: content as never });
}

function report(id: string, body: object = { uploadedAt: new Date().toISOString(), uploadHttpStatus: 200 }) {
  const headers = { 'content-type': 'application/json' };
  return call(`${receiver.url}/api/public/media/${id}`, {
    method: 'PATCH',
    headers,
    body: JSON.stringify(body),
  });
}

async function store(content: Buffer, contentType: string): Promise<string> {
  const { uploadUrl } = (await announce(announcement(content, contentType))).json;
  await put(uploadUrl, content, { 'content-type': contentType });
  return uploadUrl;
}

describe('media', () => {
  it('are taken in three steps, and asked for no second time', async () => {
    const content = imageBytes(1);
    const id = mediaIdOf(content);
    const first = await announce(announcement(content));
    expect(first).toMatchObject({
      status: 201,
      json: { mediaId: id, uploadUrl: `${receiver.url}/media/${id}` },
    });
    expect((await call(`${receiver.url}/api/public/media/${id}`)).status).toBe(404);
    expect((await put(first.json.uploadUrl, content)).status).toBe(200);
    expect((await report(id)).status).toBe(200);

    const { json } = await call(`${receiver.url}/api/public/media/${id}`);
    expect(json).toMatchObject({ mediaId: id, contentType: 'image/png', contentLength: content.byteLength });
    expect(Date.parse(json.urlExpiry)).toBeGreaterThan(Date.parse(json.uploadedAt));
    expect((await call(json.url)).headers.get('content-type')).toBe('image/png');
    expect((await announce(announcement(content))).json.uploadUrl).toBeNull();
  });

  it('other than those announced are refused', async () => {
    const content = imageBytes(2);
    const { uploadUrl } = (await announce(announcement(content))).json;
    const other = imageBytes(3);
    const answers = [
      await put(uploadUrl, other),
      await put(uploadUrl, other, { 'x-amz-checksum-sha256': sha256(content) }),
      await put(uploadUrl, content, { 'content-type': 'text/html' }),
      await put(`${receiver.url}/media/unknown`, content),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 415, 404]);
    expect((await call(uploadUrl)).status).toBe(404);
  });

  it.each([
    ['contentType', 'image'],
    ['contentLength', 0],
    ['contentLength', '5'],
    ['sha256Hash', 'abc'],
    ['traceId', null],
    ['field', 'expectedOutput'],
  ])('announced with a wrong %s (%j) are refused', async (field, value) => {
    const answer = await announce({ ...announcement(imageBytes(4)), [field]: value });
    expect(answer.status).toBe(400);
    expect(answer.json.message).toContain(`${field} must be`);
  });

  it('that are too large are refused before they are sent', async () => {
    const answer = await announce({ ...announcement(imageBytes(4)), contentLength: 64 * 1024 * 1024 + 1 });
    expect(answer.status).toBe(413);
  });

  it('need keys, but for the content itself', async () => {
    for (const method of ['POST', 'PATCH', 'GET']) {
      const path = method === 'POST' ? 'media' : 'media/x';
      const answer = await call(`${receiver.url}/api/public/${path}`, {
        method,
        headers: { authorization: '' },
      });
      expect(answer.status).toBe(401);
    }
  });

  it('never run as a page: only pictures are shown in place', async () => {
    const script = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    const shown = new Map<string, string | null>();
    for (const type of ['image/png', 'image/svg+xml', 'text/html', 'application/pdf']) {
      const content = Buffer.concat([script, Buffer.from(type)]);
      const { headers } = await call(await store(content, type));
      shown.set(type, headers.get('content-disposition'));
      expect(headers.get('content-type')).toBe(type);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toBe(`default-src 'none'; sandbox`);
    }
    expect(Object.fromEntries(shown)).toEqual({
      'image/png': 'inline',
      'image/svg+xml': 'attachment',
      'text/html': 'attachment',
      'application/pdf': 'attachment',
    });
  });
});
