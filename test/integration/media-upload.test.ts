/** The upload of media as the server and its storage see it, and what comes of it when one of them fails. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tailrace, type TailraceOptions } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VERSION } from '../../src/shared/version.js';
import {
  dataUri,
  imageBytes,
  mediaIdOf,
  SIGNATURE,
  type StorageBench,
  startStorageBench,
  tagOf,
} from '../support/media.js';
import { decodeRequest } from '../support/otlp.js';
import { type Answer, ok, type Sink, status } from '../support/sink.js';

const IMAGE = imageBytes(1);
const ID = mediaIdOf(IMAGE);

const announcements = ({ requests }: Sink) =>
  requests
    .filter(({ method, url }) => method === 'POST' && url.endsWith('/media'))
    .map(({ body }) => JSON.parse(body.toString()));
const reports = ({ requests }: Sink) =>
  requests.filter(({ method }) => method === 'PATCH').map(({ body }) => JSON.parse(body.toString()));
const inputs = ({ requests }: Sink) =>
  requests
    .filter(({ url }) => url.endsWith('/traces'))
    .flatMap(({ body }) => decodeRequest(body).spans)
    .map(({ attributes }) => attributes['langfuse.observation.input']);

describe('an upload', () => {
  it('is announced for its place, sent with its checksum, and reported', async () => {
    const { client, server, storage } = await startStorageBench(ok);
    const trace = client.trace({ name: 't', input: dataUri(IMAGE) });
    const span = trace.span({ name: 's', input: dataUri(IMAGE), metadata: { a: dataUri(IMAGE) } });
    span.end();
    trace.end();
    await client.flush();

    const sha256Hash = (await import('node:crypto')).createHash('sha256').update(IMAGE).digest('base64');
    const media = { contentType: 'image/png', contentLength: IMAGE.byteLength, sha256Hash };
    const ofSpan = { ...media, traceId: trace.id, observationId: span.id };
    expect(announcements(server)).toHaveLength(3);
    expect(announcements(server)).toEqual(
      expect.arrayContaining([
        { ...ofSpan, field: 'input' },
        { ...ofSpan, field: 'metadata' },
        { ...media, traceId: trace.id, field: 'input' },
      ]),
    );
    const [put] = storage.requests;
    expect(put).toMatchObject({ method: 'PUT', url: `/bucket/${ID}?${SIGNATURE}`, body: IMAGE });
    expect(put?.headers).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(IMAGE.byteLength),
      'x-amz-checksum-sha256': sha256Hash,
      'x-ms-blob-type': 'BlockBlob',
    });
    expect(reports(server)[0]).toMatchObject({ uploadHttpStatus: 200, uploadTimeMs: expect.any(Number) });
    expect(Date.parse(reports(server)[0].uploadedAt)).toBeGreaterThan(0);
  });

  it("takes neither the server's keys nor the application's headers to the storage, nor is it compressed", async () => {
    const { client, storage } = await startStorageBench(ok, { additionalHeaders: { 'x-secret': 'proxy' } });
    client.trace({ name: 't', input: dataUri(IMAGE) }).end();
    await client.flush();
    for (const { headers } of storage.requests) {
      for (const name of ['authorization', 'x-secret', 'x-langfuse-public-key', 'content-encoding']) {
        expect(headers).not.toHaveProperty(name);
      }
    }
  });

  it("of a trace's metadata is made once, however many spans carry them", async () => {
    const { client, server, storage } = await startStorageBench(ok);
    const trace = client.trace({ name: 't', metadata: { logo: dataUri(IMAGE) } });
    for (let i = 0; i < 20; i++) trace.span({ name: 's' }).end();
    trace.end();
    await client.flush();
    expect(announcements(server).filter(({ observationId }) => observationId === undefined)).toHaveLength(1);
    expect(storage.requests.length).toBeLessThanOrEqual(2);
  });

  it('is waited for by flush, while at most four are under way at once', async () => {
    const held: (() => void)[] = [];
    const { client, server, storage } = await startStorageBench((_, response) =>
      held.push(() => response.end()),
    );
    const trace = client.trace({ name: 't' });
    for (let i = 0; i < 10; i++) trace.span({ name: 's', input: dataUri(imageBytes(i)) }).end();
    let isFlushed = false;
    const flushed = client.flush().finally(() => {
      isFlushed = true;
    });
    await storage.received(4);
    expect(announcements(server)).toHaveLength(4);
    for (let sent = 1; sent <= 10; sent++) {
      await storage.received(sent);
      expect(isFlushed).toBe(false);
      held.shift()?.();
    }
    expect(await flushed).toMatchObject({ sent: 11, pending: 0, mediaFailed: 0 });
    expect(storage.maxOpen()).toBeLessThanOrEqual(4);
  });

  it('goes on in the next worker if one dies in the middle of it', async () => {
    const { server, storage } = await startStorageBench(ok);
    const deathsLeft = new Int32Array(new SharedArrayBuffer(4));
    deathsLeft[0] = 1;
    const url = new URL('../support/dying-uploader.mjs', import.meta.url);
    const langfuse = { baseUrl: server.url, publicKey: 'pk', secretKey: 'sk', sdkVersion: VERSION };
    const client = new Tailrace({ exporter: { url, options: { langfuse, deathsLeft } } });
    client.on('warning', () => {});
    onTestFinished(async () => {
      await client.shutdown();
    });
    client
      .trace({ name: 't' })
      .span({ name: 's', input: dataUri(IMAGE) })
      .end();
    expect(await client.flush()).toMatchObject({ sent: 2, failed: 0, mediaFailed: 0 });
    expect(deathsLeft[0]).toBeLessThan(1);
    expect(storage.requests.map(({ body }) => body)).toEqual([IMAGE]);
    expect(inputs(server)).toContain(tagOf(IMAGE));
  });
});

describe('a failed upload', () => {
  const FAULTS: [string, Answer, string][] = [
    ['refuses it', status(403, {}, `<Error>${SIGNATURE}</Error>`), 'HTTP 403'],
    ['fails', status(500), 'HTTP 500'],
    ['hangs up', (_, response) => response.destroy(), 'gave up'],
    ['never answers', () => {}, 'no answer within'],
  ];

  it.each(FAULTS)('does not cost the event: the storage %s', async (_name, answer, reason) => {
    const { client, server, warnings } = await startStorageBench(answer, {
      requestTimeout: 3_000,
      retryWindowMs: 100,
    });
    client
      .trace({ name: 't' })
      .span({ name: 's', input: `see ${dataUri(IMAGE)}` })
      .end();
    expect(await client.flush()).toMatchObject({ sent: 2, failed: 0, pending: 0, mediaFailed: 1 });
    expect(inputs(server)).toContain(`see ${tagOf(IMAGE)}`);

    const named = warnings.filter((warning) => warning.includes('was not uploaded'));
    expect(named).toHaveLength(1);
    expect(named[0]).toContain(`media ${ID} (image/png, ${IMAGE.byteLength} bytes)`);
    expect(named[0]).toContain(reason);
    expect(warnings.join()).not.toContain('0123456789');
  });

  it('is reported to the server with its status alone, whatever the storage says', async () => {
    const { client, server } = await startStorageBench(status(403, {}, 'what only this machine may read'));
    client.trace({ name: 't', input: dataUri(IMAGE) }).end();
    await client.flush();
    expect(reports(server)).toMatchObject([{ uploadHttpStatus: 403 }]);
    expect(server.requests.map(({ body }) => body.toString('latin1')).join()).not.toContain('may read');
  });

  it.each([
    ['refuses to name an address', status(400, {}, 'no such content type'), 'HTTP 400'],
    ['answers something else', status(200, {}, '<html>'), 'without a mediaId'],
    [
      'knows it by another id',
      status(201, {}, '{"mediaId":"x","uploadUrl":"http://127.0.0.1:1/"}'),
      'knows it as x',
    ],
  ] as [string, Answer, string][])(
    'does not cost the event: the server %s',
    async (_name, answer, reason) => {
      const { client, server, storage, warnings } = await startStorageBench(ok);
      const { answer: takeEvents } = server;
      server.answer = (request, response, index) =>
        (request.url.endsWith('/media') ? answer : takeEvents)(request, response, index);
      client.trace({ name: 't', input: dataUri(IMAGE) }).end();
      expect(await client.flush()).toMatchObject({ sent: 1, failed: 0, mediaFailed: 1 });
      expect(warnings.join()).toContain(reason);
      expect(storage.requests).toEqual([]);
    },
  );

  it('that is tried again and again does not take the room on the ring from later events', async () => {
    const { client, storage } = await startStorageBench(status(503), { ringBytes: 64 * 1024, flushAt: 1 });
    client.span({ name: 'scan', input: dataUri(IMAGE), endTime: new Date() });
    await storage.received(1);
    for (let i = 0; i < 500; i++) {
      client.span({ name: 'later', input: 'x'.repeat(500), endTime: new Date() });
      await client.ready();
    }
    expect(client.stats().dropped.total).toBe(0);
    expect(client.stats().accepted).toBe(501);
  });

  it('at shutdown leaves the event that was taken counted as sent', async () => {
    const { client, server, storage } = await startStorageBench(() => {}, { flushTimeoutMs: 500 });
    for (let i = 0; i < 6; i++) client.trace({ name: 't', input: dataUri(imageBytes(i)) }).end();
    void client.flush();
    await storage.received(4);
    // The server has answered for the events.
    await expect.poll(() => client.stats().bytes, { timeout: 20_000 }).toBeGreaterThan(0);
    const counts = await client.shutdown();
    expect(inputs(server)).toHaveLength(6);
    expect(counts).toMatchObject({ sent: 6, failed: 0, pending: 0, mediaFailed: 6 });
  });
});

it('an upload is not spooled: the event waits on disk with its reference, the content is given up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-spool-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { client, server, storage } = await startStorageBench(ok, { spoolDir: folder, retryWindowMs: 0 });
  const taking = server.answer;
  server.answer = status(503);
  client.trace({ name: 't', input: dataUri(IMAGE) }).end();
  expect(await client.shutdown()).toMatchObject({ spooled: 1, pending: 0, mediaFailed: 1 });
  server.answer = taking;
  const next = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: server.url, spoolDir: folder });
  expect(await next.shutdown()).toMatchObject({ recovered: 1, mediaFailed: 0 });
  expect(inputs(server).at(-1)).toBe(tagOf(IMAGE));
  expect(storage.requests).toEqual([]);
});

/** A server that names `uploadUrl` for each media. It is asked through a proxy where its name is that of another place. */
async function namingStorage(
  uploadUrl: unknown,
  { baseUrl, ...options }: TailraceOptions = {},
): Promise<StorageBench> {
  const bench = await startStorageBench(ok, options);
  const { answer } = bench.server;
  bench.server.answer = (request, response, index) => {
    if (!request.url.endsWith('/media')) return answer(request, response, index);
    response.end(JSON.stringify({ mediaId: ID, ...(uploadUrl !== undefined && { uploadUrl }) }));
  };
  if (baseUrl === undefined) return bench;
  const client = new Tailrace({
    publicKey: 'pk',
    secretKey: 'sk',
    baseUrl,
    proxy: bench.server.url,
    ...options,
  });
  const warnings: string[] = [];
  client.on('warning', (message) => warnings.push(message));
  onTestFinished(async () => {
    await client.shutdown();
  });
  return { ...bench, client, warnings };
}

async function uploadOnce({ client }: StorageBench) {
  client.trace({ name: 't', input: dataUri(IMAGE) }).end();
  return await client.flush();
}

describe('an address to upload to', () => {
  it.each<[string, unknown]>([
    ['is missing', undefined],
    ['is a number', 42],
    ['is an object', { url: 'http://127.0.0.1' }],
    ['is empty', ''],
    ['is relative', '/bucket'],
    ['is a file', 'file:///etc/passwd'],
    ['is a data URI', 'data:text/plain,x'],
    ['holds a user and a password', 'http://user:secret-password@127.0.0.1/'],
  ])('that %s is no upload, which is counted and told once', async (_, uploadUrl) => {
    const bench = await namingStorage(uploadUrl);
    expect(await uploadOnce(bench)).toMatchObject({ sent: 1, failed: 0, mediaFailed: 1 });
    expect(bench.warnings).toEqual([
      expect.stringContaining(`media ${ID} (image/png, 300 bytes) was not uploaded`),
    ]);
    expect(bench.warnings.join()).not.toContain('secret-password');
    expect(bench.storage.requests).toEqual([]);
    expect(reports(bench.server)).toEqual([]);
  });

  it('that is null says that the server has the content', async () => {
    const bench = await namingStorage(null);
    expect(await uploadOnce(bench)).toMatchObject({ sent: 1, mediaFailed: 0 });
    expect(bench.storage.requests).toEqual([]);
  });

  it('that redirects is not followed', async () => {
    const bench = await startStorageBench((request, response) => {
      const location = `http://${request.headers.host}/elsewhere`;
      response.writeHead(request.url === '/elsewhere' ? 200 : 307, { location }).end();
    });
    expect(await uploadOnce(bench)).toMatchObject({ mediaFailed: 1 });
    expect(bench.storage.requests).toHaveLength(1);
    expect(bench.warnings.join()).toContain('HTTP 307');
  });
});

describe('a storage in the private network', () => {
  const baseUrl = 'http://langfuse.example.com';

  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://0/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://localhost/',
    'http://10.1.2.3/',
    'http://172.31.0.1/',
    'http://192.168.0.1/',
    'http://100.64.0.1/',
    'http://[fd00::1]/',
    'http://169.254.169.254/latest/api/token',
    'http://[fe80::1]/',
    'http://[64:ff9b::a00:1]/',
  ])('gets nothing from a server elsewhere: %s', async (uploadUrl) => {
    const bench = await namingStorage(uploadUrl, { baseUrl });
    expect(await uploadOnce(bench)).toMatchObject({ sent: 1, failed: 0, mediaFailed: 1 });
    expect(bench.warnings).toEqual([expect.stringContaining('option allowedUploadHosts')]);
    expect(bench.server.requests.filter(({ method }) => method !== 'POST')).toEqual([]);
  });

  it('gets it where the option names it', async () => {
    const bench = await namingStorage('http://10.1.2.3:9000/x', {
      baseUrl,
      allowedUploadHosts: ['10.0.0.0/8'],
    });
    expect(await uploadOnce(bench)).toMatchObject({ sent: 1, mediaFailed: 0 });
    expect(bench.server.requests.map(({ method, url }) => `${method} ${url}`)).toContain(
      'PUT http://10.1.2.3:9000/x',
    );
  });

  it('gets it beside a server on the same machine', async () => {
    const bench = await startStorageBench(ok);
    expect(new URL(bench.storage.url).port).not.toBe(new URL(bench.server.url).port);
    expect(await uploadOnce(bench)).toMatchObject({ sent: 1, mediaFailed: 0 });
  });

  it.each<[string, unknown]>([
    ['names another', ['minio.internal']],
    ['is wrong', [5]],
    ['is wrong as a whole', 42],
  ])('gets nothing where the option %s', async (_, allowedUploadHosts) => {
    const bench = await namingStorage('http://localhost:1/', {
      allowedUploadHosts: allowedUploadHosts as string[],
    });
    expect(await uploadOnce(bench)).toMatchObject({ sent: 1, mediaFailed: 1 });
    expect(bench.warnings.at(-1)).toContain('option allowedUploadHosts');
  });
});
