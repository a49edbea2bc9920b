/** Whatever a server, a proxy or an exporter gives back of what was sent, over real sockets: no message shows it. */
import type { ServerResponse } from 'node:http';
import { Tailrace } from 'tailrace';
import { createEngine } from 'tailrace/engine';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CODINGS, ENCODINGS, holdsControls, randomBy, shownPiece } from '../support/echoes.js';
import { startProxy } from '../support/proxy.js';
import { type SinkRequest, startSink } from '../support/sink.js';

const SECRET_KEY = 'sk-lf-0d9f5weep-7c1e-4bd2-hunterzwei';
const HEADER = 'Bearer quokka.Zw5vY2g-kiln';
const PAYLOAD = 'PATIENT Jane Dœ has diabetes; insulin 12 IU';
const BASIC = Buffer.from(`pk-lf-wombat:${SECRET_KEY}`).toString('base64');
const ORIGINS = [SECRET_KEY, HEADER.slice(7), BASIC, PAYLOAD];
const KINDS = ['error', 'warning', 'drop', 'debug'] as const;

type Respond = (response: ServerResponse, words: string, request: SinkRequest) => void;

const withStatus =
  (status: number, type = 'text/plain'): Respond =>
  (response, words) => {
    // Not all of them may stand in a header, which is another matter.
    const location = `https://${words.replace(/[^\w.-]/g, '')}.example.com/${encodeURIComponent(words)}`;
    response.writeHead(status, { 'content-type': type, location }).end(words);
  };

const RESPONSES: Readonly<Record<string, Respond>> = {
  ...Object.fromEntries([302, 400, 401, 404, 413, 500].map((status) => [`${status}`, withStatus(status)])),
  'a page': (response, words) => response.end(`<html><h1>Bad Gateway</h1>${words}</html>`),
  'partial successes': (response, words, { url, body }) => {
    if (!url.endsWith('/ingestion')) {
      const partialSuccess = { rejectedSpans: '1', errorMessage: words };
      return response.end(JSON.stringify({ partialSuccess }));
    }
    const { batch } = JSON.parse(body.toString()) as { batch: { id: string }[] };
    const errors = batch.map(({ id }) => ({ id, status: 400, message: words, error: { received: words } }));
    return response.writeHead(207).end(JSON.stringify({ successes: [], errors }));
  },
  ...Object.fromEntries(
    Object.entries(CODINGS).map(([coding, encode]): [string, Respond] => [
      `400 in ${coding}`,
      (response, words) =>
        response.writeHead(400, { 'content-encoding': coding.trim() }).end(encode(Buffer.from(words))),
    ]),
  ),
  'the address for media': (response, words, { url }) =>
    url.endsWith('/media')
      ? response.writeHead(201).end(JSON.stringify({ mediaId: words, uploadUrl: `http://${words}/` }))
      : response.end(),
  'no HTTP': (response, words) => response.socket?.end(`HTTP/1.1 ${words}\r\n${words}: ${words}\r\n\r\n`),
};

describe('no message of a client shows what a server gives back', () => {
  it.each(Object.entries(RESPONSES))('in %s', async (_, respond) => {
    let words = '';
    const sink = await startSink((request, response) => respond(response, words, request));
    onTestFinished(() => sink.close());
    const random = randomBy(14);
    const problems: unknown[] = [];
    const talk = async (middle: string): Promise<string> => {
      words = `invalid request: cannot read ${middle} of this event`;
      const client = new Tailrace({
        publicKey: 'pk-lf-wombat',
        secretKey: SECRET_KEY,
        baseUrl: sink.url,
        additionalHeaders: { 'x-proxy': HEADER },
        retryWindowMs: 1,
        flushAtExit: false,
        logLevel: 'debug',
      });
      const told: string[] = [];
      for (const kind of KINDS) client.on(kind, (message: string) => void told.push(message));
      const image = `data:image/png;base64,${Buffer.from(PAYLOAD.repeat(20)).toString('base64')}`;
      client.trace({ name: 'trace', input: PAYLOAD, output: image }).end();
      client.score({ name: 'score', value: 1, traceId: '0'.repeat(31).concat('1'), comment: PAYLOAD });
      await client.shutdown();
      return told.join('\n');
    };
    const without = await talk('');
    expect(without).not.toBe('');
    const encodings = Object.entries(ENCODINGS).filter(([how]) => !how.startsWith('cut'));
    for (let round = 0; round < 3; round++) {
      const [how, encode] = encodings[Math.floor(random() * encodings.length)] as (typeof encodings)[number];
      const echoes = ORIGINS.map((origin) => encode(origin, random));
      const message = await talk(echoes.join(' and '));
      const shown = [...ORIGINS, ...echoes].map((one) => shownPiece(message, one, without)).find(Boolean);
      if (shown !== undefined || holdsControls(message.replaceAll('\n', '')))
        problems.push({ how, shown, message });
    }
    expect(problems).toEqual([]);
  });
});

it.each(Object.keys(CODINGS).filter((coding) => coding !== 'zstd'))(
  'a page of a proxy in %s is shown by its words',
  async (coding) => {
    const page = Buffer.from('<html><h1>Request Entity Too Large</h1></html>');
    const sink = await startSink((_, response) =>
      response
        .writeHead(400, { 'content-encoding': coding.trim() })
        .end((CODINGS[coding] as (body: Buffer) => Buffer)(page)),
    );
    onTestFinished(() => sink.close());
    const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: sink.url, retryWindowMs: 1 });
    const errors: string[] = [];
    client.on('error', (message) => void errors.push(message));
    client.trace({ name: 't' }).end();
    await client.shutdown();
    expect(errors).toEqual([expect.stringMatching(/: HTTP 400: Request Entity Too Large$/)]);
  },
);

it('an answer that would be gigabytes is told by its type and size', async () => {
  const bomb = (CODINGS.gzip as (body: Buffer) => Buffer)(Buffer.alloc(64 * 1024 * 1024));
  const sink = await startSink((_, response) =>
    response.writeHead(400, { 'content-encoding': 'gzip', 'content-type': 'text/html' }).end(bomb),
  );
  onTestFinished(() => sink.close());
  const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: sink.url, retryWindowMs: 1 });
  const errors: string[] = [];
  client.on('error', (message) => void errors.push(message));
  client.trace({ name: 't' }).end();
  await client.shutdown();
  expect(errors).toEqual([expect.stringContaining(`: HTTP 400 (text/html, ${bomb.byteLength} bytes)`)]);
});

it('the password of a proxy does not come back, by whatever answers behind it', async () => {
  const password = 'm4rzipan/gr0tto+';
  const proxy = await startProxy();
  const sink = await startSink((_, response) =>
    response.writeHead(400).end(`invalid: m4rzipan gr0tto, ${encodeURIComponent(password)}, puffinry`),
  );
  onTestFinished(() => sink.close());
  const client = new Tailrace({
    publicKey: 'pk',
    secretKey: 'sk',
    baseUrl: sink.url,
    retryWindowMs: 1,
    proxy: proxy.url.replace('//', `//puffinry:${encodeURIComponent(password)}@`),
  });
  const errors: string[] = [];
  client.on('error', (message) => void errors.push(message));
  client.trace({ name: 't' }).end();
  await client.shutdown();
  expect(errors).toEqual([expect.stringMatching(/: HTTP 400: invalid: …$/)]);
});

it('an exporter of the application’s own may pass on what a server says', async () => {
  const source = `export const createExporter = () => ({
    bodyBytes: (_, __, bytes) => bytes,
    encode: (event) => ({ lane: 'events', id: event.id, bytes: Buffer.from(JSON.stringify(event)) }),
    request: (_, records) => ({ url: '${'{url}'}', headers: { 'x-api-key': '${HEADER}' }, body: records.map(({ bytes }) => bytes) }),
    outcome: (_, records, { status, body }) => ({ kind: 'failure', reason: 'HTTP ' + status + ' of the store: ' + body }),
  });`;
  const sink = await startSink((request, response) =>
    response
      .writeHead(400)
      .end(`cannot take ${request.body} with ${request.headers['x-api-key']} \u202e ${btoa(HEADER)}`),
  );
  onTestFinished(() => sink.close());
  const url = `data:text/javascript,${encodeURIComponent(source.replace('{url}', sink.url))}`;
  const engine = createEngine({ exporter: { url }, retryWindowMs: 1 });
  const errors: string[] = [];
  engine.on('error', (message) => void errors.push(message));
  engine.push({ id: 'one\u202e\ntwo', text: PAYLOAD });
  await engine.shutdown();
  expect(errors).toEqual(['1 event not delivered (one two): HTTP 400 of the store: cannot take …']);
});
