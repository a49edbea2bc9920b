/** Web pages of other origins and the local server: they may create scores with a public key, if they are on this machine. */
import { once } from 'node:events';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../../dist/receiver/receiver.js';
import { authorization, ingestionEvent } from '../unit/receiver/helpers.js';

const INGESTION = '/api/public/ingestion';
const SCORES = '/api/public/scores';
const PAGE = 'http://localhost:5173';
const PUBLIC_KEY = { authorization: 'Bearer pk-lf-1', 'content-type': 'application/json' };

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver({ port: 0, strict: true });
});
afterAll(() => receiver.close());

interface Answer {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  text: string;
}

async function ask(method: string, path: string, headers: object, body?: object): Promise<Answer> {
  const request = httpRequest(`${receiver.url}${path}`, { method, headers: { ...headers } });
  request.end(body && JSON.stringify(body));
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

const preflight = (path: string, origin: string, method = 'POST') =>
  ask('OPTIONS', path, {
    origin,
    'access-control-request-method': method,
    'access-control-request-headers': 'authorization,content-type',
  });

const score = (id: string) => ({ id, traceId: 't', name: 'thumbs', value: 1 });

describe('a page on this machine', () => {
  it.each([
    'http://localhost:5173',
    'https://localhost',
    'http://127.0.0.1:8080',
    'http://app.localhost:3000',
    'http://[::1]:1',
  ])('at %s is told by the preflight what it may send', async (origin) => {
    for (const path of [INGESTION, SCORES]) {
      const { status, headers, text } = await preflight(path, origin);
      expect({ status, text }).toEqual({ status: 204, text: '' });
      expect(headers).toMatchObject({
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'POST',
        vary: 'Origin',
      });
      expect(headers['access-control-allow-headers']).toMatch(/Authorization, Content-Type/);
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
    }
  });

  it('creates scores by ingestion and by the endpoint for scores, and reads the answers', async () => {
    const batch = [ingestionEvent('score-create', score('by-ingestion'))];
    const ingested = await ask('POST', INGESTION, { ...PUBLIC_KEY, origin: PAGE }, { batch });
    expect(ingested).toMatchObject({ status: 207, headers: { 'access-control-allow-origin': PAGE } });
    const posted = await ask('POST', SCORES, { ...PUBLIC_KEY, origin: PAGE }, score('by-post'));
    expect(posted).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': PAGE } });
    expect(await receiver.counts()).toMatchObject({ scores: 2 });
  });

  it('reads errors of these endpoints too, and when to try again', async () => {
    const { status, headers } = await ask('POST', INGESTION, { ...PUBLIC_KEY, origin: PAGE }, {});
    expect(status).toBe(400);
    expect(headers).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-expose-headers': 'Retry-After',
    });
  });

  it.each([
    ['GET', SCORES, PUBLIC_KEY],
    ['GET', '/api/public/traces', { authorization }],
    ['GET', '/', {}],
    ['DELETE', `${SCORES}/by-post`, PUBLIC_KEY],
    ['POST', '/api/public/otel/v1/traces', { authorization }],
    ['OPTIONS', '/api/public/traces', {}],
    ['OPTIONS', `${SCORES}/by-post`, {}],
    // A secret key in a page.
    ['POST', INGESTION, { authorization, 'content-type': 'application/json' }],
  ])('may not send %s %s', async (method, path, headers) => {
    const answer = await ask(method, path, { ...headers, origin: PAGE });
    expect(answer.status).toBe(403);
  });
});

describe('a page from elsewhere', () => {
  it.each([
    'https://evil.example',
    'http://localhost.evil.example',
    'http://evil.example:3210',
    'http://127.0.0.1.evil.example',
    'null',
    'file://',
    'http://localhost@evil.example',
    'chrome-extension://localhost',
  ])('at %s gets no permission', async (origin) => {
    for (const path of [INGESTION, SCORES]) {
      const asked = await preflight(path, origin);
      expect(asked.status).toBe(403);
      expect(asked.headers).not.toHaveProperty('access-control-allow-origin');
      const sent = await ask('POST', path, { ...PUBLIC_KEY, origin }, score('evil'));
      expect(sent.status).toBe(403);
    }
  });

  it('is refused under a foreign Host header, whatever its origin says', async () => {
    const host = `evil.example:${receiver.port}`;
    const headers = { ...PUBLIC_KEY, host, origin: PAGE };
    expect((await ask('POST', SCORES, headers, score('rebound'))).status).toBe(403);
    expect((await ask('OPTIONS', SCORES, headers)).status).toBe(403);
  });
});
