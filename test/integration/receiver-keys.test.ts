/** A receiver that demands keys, and one that other machines can reach: each path, each way to give the keys, Host and Origin. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { hostname } from 'node:os';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/receiver.js';
import { imageBytes } from '../support/media.js';
import { ingestionEvent, otelSpan, traceA } from '../unit/receiver/helpers.js';

const KEYS = { publicKey: 'pk-lf-ours', secretKey: 'sk-lf-ours' };
const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
const OURS = basic('pk-lf-ours:sk-lf-ours');

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver({ port: 0, host: '0.0.0.0', keys: KEYS });
});
afterAll(() => receiver.close());

interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

async function ask(method: string, path: string, headers: object = {}, body?: unknown): Promise<Answer> {
  const url = path.startsWith('http') ? path : `http://127.0.0.1:${receiver.port}${path}`;
  const type = body === undefined || Buffer.isBuffer(body) ? {} : { 'content-type': 'application/json' };
  const request = httpRequest(url, { method, headers: { ...type, ...headers } });
  request.end(body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  const [response] = await once(request, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}

const otlp = JSON.parse(
  Buffer.from(JsonTraceSerializer.serializeRequest([otelSpan()]) as Uint8Array).toString(),
);
const batch = { batch: [ingestionEvent('trace-create', { id: 't1', name: 'kept' })] };
const score = { batch: [ingestionEvent('score-create', { id: 's1', traceId: 't1', name: 'n', value: 1 })] };

const paths: [method: string, path: string, status: number, body?: object][] = [
  ['POST', '/v1/traces', 200, otlp],
  ['POST', '/v1/metrics', 200, {}],
  ['POST', '/v1/logs', 200, {}],
  ['POST', '/api/public/otel/v1/traces', 200, otlp],
  ['POST', '/api/public/ingestion', 207, batch],
  ['GET', '/api/public/traces', 200],
  ['GET', `/api/public/traces/${traceA}`, 200],
  ['GET', '/', 200],
  ['GET', `/trace/${traceA}`, 200],
  ['GET', `/trace/${traceA}/input`, 200],
  ['GET', '/api/tailrace/traces', 200],
  ['GET', '/api/tailrace/facets', 200],
  ['GET', '/api/tailrace/series', 200],
  ['GET', `/api/tailrace/trace/${traceA}`, 200],
  ['GET', `/api/tailrace/trace/${traceA}/payloads`, 200],
  ['GET', `/api/tailrace/trace/${traceA}/search?q=work`, 200],
  ['GET', '/api/tailrace/score-names', 200],
  ['POST', `/api/tailrace/trace/${traceA}/comments`, 200, { content: 'odd' }],
  ['POST', `/api/tailrace/trace/${traceA}/scores`, 200, { name: 'n', dataType: 'NUMERIC', value: 1 }],
  ['DELETE', `/api/tailrace/trace/${traceA}/comments/none`, 404],
  ['DELETE', `/api/tailrace/trace/${traceA}/scores/none`, 404],
  ['POST', '/api/tailrace/sample', 404],
  ['GET', '/api/public/comments', 200],
  ['GET', '/assets/none.js', 404],
  ['GET', `/project/local/traces/${traceA}`, 302],
  ['GET', '/media/none', 404],
  ['GET', '/nothing', 404],
  ['DELETE', '/api/public/scores/none', 202],
];

describe.each(paths)('%s %s', (method, path, status, body) => {
  it('is open with the keys alone', async () => {
    expect((await ask(method, path, OURS, body)).status).toBe(status);
  });

  it.each<[string, object]>([
    ['no keys', {}],
    ['another secret key', basic('pk-lf-ours:sk-lf-other')],
    ['another public key', basic('pk-lf-other:sk-lf-ours')],
    ['keys of another length', basic('pk-lf-ours:sk')],
    ['the secret key as a token', { authorization: 'Bearer sk-lf-ours' }],
  ])('is closed to %s', async (_case, headers) => {
    const answer = await ask(method, path, headers, body);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Basic realm="tailrace"');
    expect(answer.body.toString()).not.toMatch(/lf-ours/);
  });
});

describe('a receiver with keys', () => {
  it('lets a browser ask for them', async () => {
    const answer = await ask('GET', '/', { accept: 'text/html' });
    expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Basic realm="tailrace"' } });
    expect(answer.body.toString()).toContain('the Authorization header is missing');
  });

  it('says that it is up without them', async () => {
    expect((await ask('GET', '/api/public/health')).status).toBe(200);
    expect((await ask('GET', '/api/public/ready')).status).toBe(200);
  });

  it('takes scores of pages with its public key alone, and with no other', async () => {
    const page = { origin: 'http://localhost:5173' };
    const post = (token: string) =>
      ask('POST', '/api/public/ingestion', { ...page, authorization: `Bearer ${token}` }, score);
    expect((await post('pk-lf-ours')).status).toBe(207);
    expect((await post('pk-lf-other')).status).toBe(401);
  });

  it('takes and gives media under signed URLs, which clients open without keys', async () => {
    const content = imageBytes(1);
    const sha256Hash = createHash('sha256').update(content).digest('base64');
    const announced = { contentType: 'image/png', contentLength: content.byteLength, sha256Hash };
    const body = { ...announced, traceId: traceA, field: 'input' };
    const { uploadUrl, mediaId } = JSON.parse(
      (await ask('POST', '/api/public/media', OURS, body)).body.toString(),
    );
    const upload = { 'content-type': 'image/png', 'x-amz-checksum-sha256': sha256Hash };
    expect((await ask('PUT', `/media/${mediaId}`, upload, content)).status).toBe(401);
    expect((await ask('PUT', `${uploadUrl}x`, upload, content)).status).toBe(401);
    expect((await ask('PUT', uploadUrl.replace(mediaId, `${mediaId}x`), upload, content)).status).toBe(401);
    expect((await ask('PUT', uploadUrl, upload, content)).status).toBe(200);
    const report = { uploadedAt: new Date().toISOString(), uploadHttpStatus: 200 };
    expect((await ask('PATCH', `/api/public/media/${mediaId}`, OURS, report)).status).toBe(200);
    const found = JSON.parse((await ask('GET', `/api/public/media/${mediaId}`, OURS)).body.toString());
    expect((await ask('GET', `/media/${mediaId}`)).status).toBe(401);
    expect((await ask('GET', found.url)).body.equals(content)).toBe(true);
  });

  it('answers to addresses, to names without a dot and to this machine, and to no name that somebody can own', async () => {
    const status = async (host: string) => (await ask('GET', '/', { ...OURS, host })).status;
    for (const host of [
      '192.168.1.9:3210',
      '10.0.0.1',
      '[fe80::1]:80',
      'tailrace:3210',
      'localhost',
      hostname(),
    ])
      expect(await status(host), host).toBe(200);
    for (const host of ['evil.example', `evil.example:${receiver.port}`, '127.0.0.1.evil.example'])
      expect(await status(host), host).toBe(403);
  });

  it('takes requests of its own page, and none of other pages', async () => {
    const host = '192.168.1.9:3210';
    const status = async (origin: string) =>
      (await ask('POST', '/v1/traces', { ...OURS, host, origin }, otlp)).status;
    expect(await status(`http://${host}`)).toBe(200);
    for (const origin of [
      'http://192.168.1.9:8080',
      'http://192.168.1.8:3210',
      'https://evil.example',
      'null',
    ])
      expect(await status(origin), origin).toBe(403);
  });
});

describe('a receiver on loopback', () => {
  it('demands keys if it has them', async () => {
    const local = await startReceiver({ port: 0, keys: KEYS });
    try {
      expect((await ask('POST', `${local.url}/v1/traces`, {}, otlp)).status).toBe(401);
      expect((await ask('POST', `${local.url}/v1/traces`, OURS, otlp)).status).toBe(200);
    } finally {
      await local.close();
    }
  });
});

describe('a receiver that cannot start', () => {
  it.each([
    [{ host: '0.0.0.0' }, /demands keys: give --public-key and --secret-key, or set LANGFUSE_PUBLIC_KEY/],
    [{ host: 'example.com' }, /demands keys/],
    [{ keys: { publicKey: '', secretKey: 's' } }, /the public key must not be empty/],
    [{ keys: { publicKey: 'p', secretKey: '' } }, /the secret key must not be empty/],
    [{ keys: { publicKey: 'p:q', secretKey: 's' } }, /the public key must not contain a colon/],
  ])('with %j says why', async (options, message) => {
    await expect(startReceiver({ port: 0, ...options })).rejects.toThrow(message);
  });
});
