/** The nats exporter against real servers: what arrives in the stream, and what becomes of events while a server is in trouble. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { credsAuthenticator, nkeys } from '@nats-io/transport-node';
import { Tailrace, type TailraceOptions } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCutter } from '../support/cutter.js';
import { createOperator } from '../support/nats-operator.js';
import {
  ADMIN,
  addStream,
  type NatsServer,
  noNats,
  readStream,
  type StreamMessage,
  startNats,
  usersWith,
} from '../support/nats-server.js';
import { decodeRequest } from '../support/otlp.js';
import { SELF_SIGNED } from '../support/self-signed.js';
import { newDir } from '../support/spools.js';
import { namesUpTo, sortedBy, told, trace } from '../support/streaming.js';

type Given = Omit<TailraceOptions, 'nats'> & { nats?: Partial<NonNullable<TailraceOptions['nats']>> };

function startClient(url: string, { nats, ...options }: Given = {}) {
  const client = new Tailrace({
    exporter: 'nats',
    nats: { url, ...nats },
    compression: 'none',
    ...options,
  });
  const messages: string[] = [];
  for (const kind of ['error', 'warning'] as const) client.on(kind, (text: string) => messages.push(text));
  onTestFinished(async () => {
    await client.shutdown();
  });
  return { client, messages };
}

const spanNamesOf = (messages: readonly StreamMessage[]): string[] =>
  messages
    .filter(({ fields }) => fields.lane === 'spans')
    .flatMap(({ body }) => decodeRequest(body).spans.map(({ name }) => name));

async function idsAt(server: Pick<NatsServer, 'ask'>): Promise<string[]> {
  return sortedBy(spanNamesOf(await readStream(server)));
}

const PUBLISHES = '{ publish: ["tailrace.*"], subscribe: ["_INBOX.>"] }';
const CREATES =
  '{ publish: ["tailrace.*", "$JS.API.STREAM.INFO.tailrace", "$JS.API.STREAM.CREATE.tailrace"], subscribe: ["_INBOX.>"] }';

describe.skipIf(noNats !== undefined)('the nats exporter', () => {
  it('adds spans as OTLP, scores and updates of traces as ingestion bodies, each with its headers', async () => {
    const server = await startNats();
    const { client } = startClient(server.url, { nats: { producer: 'a test' }, compression: 'gzip' });
    const observation = client.generation({ name: 'answer', model: 'm', input: 'ä漢😀'.repeat(1000) });
    observation.end({ output: 'text' });
    client.score({ traceId: observation.traceId, name: 'quality', value: 1 });
    expect(await client.shutdown()).toMatchObject({ accepted: 2, sent: 2, failed: 0 });
    const messages = await readStream(server);
    const [spans, scores] = ['spans', 'scores'].map((name) =>
      messages.find((one) => one.fields.lane === name),
    );
    expect(spans).toMatchObject({
      subject: 'tailrace.0',
      fields: {
        v: '1',
        type: 'application/x-protobuf',
        encoding: 'gzip',
        count: '1',
        id: expect.stringMatching(/^[\w-]{22}$/),
        producer: 'a test',
        'nats-msg-id': spans?.fields.id,
      },
    });
    expect(spanNamesOf(messages)).toEqual(['answer']);
    expect(scores?.fields).toMatchObject({ v: '1', type: 'application/json', count: '1' });
    expect(JSON.parse(String(scores?.body))).toMatchObject({
      batch: [{ type: 'score-create', body: { name: 'quality', value: 1 } }],
    });
  });

  it('makes the stream with the bounds that the option has', async () => {
    const server = await startNats();
    const { client } = startClient(server.url, {
      nats: {
        stream: 'traces',
        subject: 'llm.traces',
        maxBytes: 1e6,
        duplicateWindow: 60,
        storage: 'memory',
      },
    });
    trace(client, 0, 1);
    expect(await client.shutdown()).toMatchObject({ sent: 1 });
    expect((await server.ask(({ streams }) => streams.info('traces'))).config).toMatchObject({
      subjects: ['llm.traces.*'],
      retention: 'workqueue',
      discard: 'new',
      max_bytes: 1e6,
      duplicate_window: 60e9,
      storage: 'memory',
    });
  });

  it('spreads batches over its subjects', async () => {
    const server = await startNats();
    const { client } = startClient(server.url, { flushAt: 1, nats: { shards: 4 } });
    trace(client, 0, 60);
    expect(await client.shutdown()).toMatchObject({ sent: 60 });
    const messages = await readStream(server);
    expect(new Set(messages.map(({ subject }) => subject)).size).toBe(4);
    expect(sortedBy(spanNamesOf(messages))).toEqual(namesUpTo(60));
  });

  it('goes over TLS with a certificate of its own authority, and not without', async () => {
    const server = await startNats({ isTls: true });
    const trusting = startClient(server.url, { nats: { tls: { ca: SELF_SIGNED.cert } } });
    trace(trusting.client, 0, 1);
    expect(await trusting.client.flush()).toMatchObject({ sent: 1 });
    const strict = startClient(server.url);
    trace(strict.client, 1, 2);
    expect(await strict.client.shutdown()).toMatchObject({ sent: 0, failed: 1 });
    expect(strict.messages.join('\n')).toContain('certificate that is not trusted');
    expect(await idsAt(server)).toEqual(['span 0']);
  });

  it('sends nothing to a server whose certificate has another name', async () => {
    const server = await startNats({ isTls: true });
    const url = server.url.replace('127.0.0.1', 'localhost');
    const { client, messages } = startClient(url, { nats: { tls: { ca: SELF_SIGNED.cert } } });
    trace(client, 0, 1);
    expect(await client.shutdown()).toMatchObject({ sent: 0, failed: 1 });
    expect(messages.join('\n')).toContain('certificate that is not trusted (ERR_TLS_CERT_ALTNAME_INVALID)');
  });

  it('sends nothing without TLS to a server that has none, if TLS is asked for', async () => {
    const server = await startNats();
    const { client, messages } = startClient(server.url.replace('nats:', 'tls:'));
    trace(client, 0, 1);
    expect(await client.shutdown()).toMatchObject({ sent: 0, failed: 1 });
    expect(messages.join('\n')).toContain('does not speak TLS');
  });

  it.each([
    ['that makes the stream, with the rights that the guide names', CREATES, {}],
    ['that finds the stream, with the right to publish alone', PUBLISHES, { create: false }],
  ])('names itself as a user %s', async (_, rights, nats) => {
    const server = await startNats(usersWith(rights));
    if ('create' in nats) await addStream(server, {});
    const { client, messages } = startClient(server.url.replace('//', '//tracer:s3cret-w0rd@'), { nats });
    trace(client, 0, 5);
    expect(await client.shutdown()).toMatchObject({ sent: 5, failed: 0 });
    expect(messages).toEqual([]);
    expect(await idsAt(server)).toEqual(namesUpTo(5));
  });

  it.each([
    ['a wrong password', '//tracer:wr0ng-w0rd@', CREATES, 'does not take the user, token or credentials'],
    ['no user where one is wanted', '//', CREATES, 'does not take the user, token or credentials'],
    [
      'a user who may not publish',
      '//tracer:s3cret-w0rd@',
      CREATES.replace('tailrace.*', 'other'),
      'does not let this user use a subject that is needed (permissions)',
    ],
    [
      'a user who may not make the stream',
      '//tracer:s3cret-w0rd@',
      PUBLISHES,
      'does not let this user use a subject that is needed (permissions)',
    ],
  ])(
    'reports %s at once, keeps the events on disk, and shows no password',
    async (_, user, rights, reason) => {
      const server = await startNats(usersWith(rights));
      const { client, messages } = startClient(server.url.replace('//', user), { spoolDir: newDir() });
      trace(client, 0, 3);
      expect(await client.flush()).toMatchObject({ sent: 0, spooled: 3, failed: 0 });
      expect(messages.join('\n')).toContain(`nats 127.0.0.1:${server.port} ${reason}`);
      expect(messages.join('\n')).not.toMatch(/w0rd/);
    },
  );

  it('names itself by a token', async () => {
    const server = await startNats({
      configuration: ['authorization { token: "t0ken-w0rd" }'],
      login: { token: 't0ken-w0rd' },
    });
    const { client } = startClient(server.url.replace('//', '//t0ken-w0rd@'));
    trace(client, 0, 1);
    expect(await client.shutdown()).toMatchObject({ sent: 1 });
  });

  it.each(['text', 'file'])('names itself by an nkey (%s)', async (form) => {
    const user = nkeys.createUser();
    const seed = new TextDecoder().decode(user.getSeed());
    const server = await startNats({
      configuration: [
        `authorization { users: [{nkey: ${user.getPublicKey()}}, {user: ${ADMIN.user}, password: "${ADMIN.pass}"}] }`,
      ],
      login: ADMIN,
    });
    const path = join(newDir(), 'seed.nk');
    writeFileSync(path, `${seed}\n`);
    const { client } = startClient(server.url, { nats: { nkey: form === 'text' ? seed : path } });
    trace(client, 0, 1);
    expect(await client.shutdown()).toMatchObject({ sent: 1 });
  });

  it.each(['text', 'file'])('names itself by credentials (%s)', async (form) => {
    const { configuration, credentials } = createOperator();
    const admin = credsAuthenticator(Buffer.from(credentials()));
    const server = await startNats({ configuration, login: { authenticator: admin } });
    const text = credentials();
    const path = join(newDir(), 'tracer.creds');
    writeFileSync(path, text);
    const { client, messages } = startClient(server.url, {
      nats: { credentials: form === 'text' ? text : path },
    });
    trace(client, 0, 1);
    expect(await client.shutdown()).toMatchObject({ sent: 1 });
    expect(messages).toEqual([]);
    expect(await idsAt(server)).toEqual(['span 0']);
  });

  it('makes no connection if its credentials cannot be read, and says so', async () => {
    const server = await startNats();
    const { client, messages } = startClient(server.url, { nats: { credentials: '/nowhere/s3cret.creds' } });
    trace(client, 0, 1);
    expect(await client.shutdown()).toMatchObject({ sent: 0, failed: 1 });
    expect(messages.join('\n')).toContain('nats.credentials cannot be read (ENOENT)');
    expect(messages.join('\n')).not.toContain('s3cret');
  });

  it('tries its other addresses if the first is away', async () => {
    const [away, server] = [await startNats(), await startNats()];
    await away.kill();
    const { client } = startClient(away.url, { nats: { url: [away.url, server.url] } });
    trace(client, 0, 3);
    expect(await client.shutdown()).toMatchObject({ sent: 3, failed: 0 });
    expect(await idsAt(server)).toEqual(namesUpTo(3));
  });

  it('refuses nothing and loses nothing while its server is away from the start', async () => {
    const server = await startNats();
    await server.kill();
    const { client } = startClient(server.url);
    const warned = told(client, 'refuses connections');
    trace(client, 0, 10);
    const flushed = client.flush();
    await warned;
    await server.start();
    expect(await flushed).toMatchObject({ sent: 10, failed: 0 });
    expect(await idsAt(server)).toEqual(namesUpTo(10));
  });

  it('goes on after a restart: with file storage everything is there', async () => {
    const server = await startNats();
    const { client } = startClient(server.url, { flushAt: 5 });
    trace(client, 0, 20);
    expect(await client.flush()).toMatchObject({ sent: 20 });
    await server.kill('SIGTERM');
    trace(client, 20, 40);
    const flushed = client.flush();
    await server.start();
    expect(await flushed).toMatchObject({ sent: 40, failed: 0 });
    expect(await idsAt(server)).toEqual(namesUpTo(40));
  });

  it('loses nothing to kill -9 of its server under load: what arrives is what was sent', async () => {
    const server = await startNats();
    const options: Given = { flushAt: 10, spoolDir: newDir() };
    const { client, messages } = startClient(server.url, options);
    const [rounds, perRound] = [4, 300];
    for (let round = 0; round < rounds; round++) {
      trace(client, round * perRound, (round + 1) * perRound);
      const flushed = client.flush();
      await server.kill();
      await server.start();
      await flushed;
    }
    const counts = await client.shutdown();
    expect(counts).toMatchObject({ accepted: rounds * perRound, failed: 0, pending: 0 });
    expect(counts.sent + counts.spooled).toBe(rounds * perRound);
    const { client: next } = startClient(server.url, options);
    next.score({ traceId: 'a'.repeat(32), name: 'starts the worker', value: 1 });
    expect(await next.shutdown()).toMatchObject({ recovered: counts.spooled, unrecovered: 0, failed: 0 });
    expect([...new Set(await idsAt(server))]).toEqual(namesUpTo(rounds * perRound));
    expect(messages.filter((text) => text.includes('not delivered'))).toEqual([]);
  });

  it('drops a connection on which the server is silent, and opens another', async () => {
    const server = await startNats();
    const { client } = startClient(server.url, { timeout: 3 });
    trace(client, 0, 1);
    await client.flush();
    server.pause();
    const warned = told(client, `no answer within 3000 ms from 127.0.0.1:${server.port}`);
    trace(client, 1, 2);
    const flushed = client.flush();
    await warned;
    server.resume();
    expect(await flushed).toMatchObject({ sent: 2, failed: 0 });
    expect(await idsAt(server)).toEqual(namesUpTo(2));
  });

  it('adds nothing to a full stream until a consumer has taken entries, and says so before anything is lost', async () => {
    const server = await startNats();
    const { client, messages } = startClient(server.url, {
      flushAt: 1,
      maxInFlight: 1,
      nats: { maxBytes: 4_000 },
    });
    const warned = told(client, 'the stream tailrace is full');
    trace(client, 0, 20);
    const flushed = client.flush();
    await warned;
    const seen = new Set(await idsAt(server));
    expect(seen.size).toBeGreaterThan(0);
    expect(seen.size).toBeLessThan(20);
    const drain = async (): Promise<void> => {
      for (const name of await idsAt(server)) seen.add(name);
      await server.ask(({ streams }) => streams.purge('tailrace'));
    };
    const again = setInterval(() => void drain(), 100);
    onTestFinished(() => clearInterval(again));
    expect(await flushed).toMatchObject({ sent: 20, failed: 0 });
    clearInterval(again);
    expect(messages.filter((text) => text.includes('not delivered'))).toEqual([]);
  });

  it('puts on disk what a full stream does not take', async () => {
    const server = await startNats();
    const { client } = startClient(server.url, {
      flushAt: 1,
      maxInFlight: 1,
      nats: { maxBytes: 4_000 },
      spoolDir: newDir(),
    });
    trace(client, 0, 20);
    const { sent, spooled, failed } = await client.shutdown();
    expect(sent).toBe((await idsAt(server)).length);
    expect({ total: sent + spooled, failed }).toEqual({ total: 20, failed: 0 });
    expect(spooled).toBeGreaterThan(0);
  });

  it("drops the oldest entries of a full stream with full: 'trim'", async () => {
    const server = await startNats();
    const { client } = startClient(server.url, {
      flushAt: 1,
      maxInFlight: 1,
      nats: { maxBytes: 4_000, full: 'trim' },
    });
    trace(client, 0, 30);
    expect(await client.shutdown()).toMatchObject({ sent: 30, failed: 0 });
    const names = await idsAt(server);
    expect(names.length).toBeLessThan(20);
    expect(names.at(-1)).toBe('span 29');
  });

  it('says that a stream which somebody else has made drops what is old', async () => {
    const server = await startNats();
    await addStream(server, { discard: 'old' as never, max_bytes: 1e6 });
    const { client, messages } = startClient(server.url);
    trace(client, 0, 1);
    expect(await client.shutdown()).toMatchObject({ sent: 1 });
    expect(messages.join('\n')).toContain('drops its oldest entries when it is full');
  });

  it('stores a batch once that a cut connection left without an answer', async () => {
    const server = await startNats();
    const { port, cutNext } = await startCutter(server.port, 'HPUB');
    const { client } = startClient(`nats://127.0.0.1:${port}`, { flushAt: 10, maxInFlight: 1 });
    cutNext();
    const warned = told(client, 'has cut the connection');
    trace(client, 0, 100);
    expect(await client.shutdown()).toMatchObject({ sent: 100, failed: 0 });
    await warned;
    expect(await idsAt(server)).toEqual(namesUpTo(100));
  });

  it('cuts batches to the largest message that the server takes', async () => {
    const server = await startNats({ configuration: ['max_payload: 65536'] });
    const { client, messages } = startClient(server.url, { flushAt: 1000 });
    // The limit is known from the first connection on.
    trace(client, 0, 1);
    await client.flush();
    for (let i = 1; i < 60; i++) client.span({ name: `span ${i}`, input: `${i} `.repeat(2500) }).end();
    expect(await client.shutdown()).toMatchObject({ sent: 60, failed: 0 });
    const stored = await readStream(server);
    expect(sortedBy(spanNamesOf(stored))).toEqual(namesUpTo(60));
    expect(stored.length).toBeGreaterThan(5);
    expect(stored.every(({ bytes, fields }) => bytes < 65_536 && fields.encoding === 'identity')).toBe(true);
    expect(messages).toEqual([]);
  });

  it('compresses a batch that would not fit, and gives up one event that never does, by name', async () => {
    const server = await startNats({ configuration: ['max_payload: 65536'] });
    const { client, messages } = startClient(server.url, { flushAt: 1 });
    client.span({ name: 'span 0', input: 'words '.repeat(50_000) }).end();
    const large = client.span({ name: 'span 1', input: randomBytes(200_000).toString('base64') });
    large.end();
    trace(client, 2, 3);
    expect(await client.shutdown()).toMatchObject({ sent: 2, failed: 1 });
    const stored = await readStream(server);
    expect(sortedBy(spanNamesOf(stored))).toEqual(['span 0', 'span 2']);
    expect(messages.join('\n')).toContain('larger than the server takes (65536 bytes)');
  });

  it('halves a batch that was cut before the limit was known', async () => {
    const server = await startNats({ configuration: ['max_payload: 65536'] });
    await server.kill();
    const { client } = startClient(server.url, { flushAt: 1000 });
    const warned = told(client, 'refuses connections');
    for (let i = 0; i < 20; i++)
      client.span({ name: `span ${i}`, input: randomBytes(9_000).toString('base64') }).end();
    const flushed = client.flush();
    await warned;
    await server.start();
    expect(await flushed).toMatchObject({ sent: 20, failed: 0 });
    expect(await idsAt(server)).toEqual(namesUpTo(20));
  });

  it('makes the stream again that somebody has deleted', async () => {
    const server = await startNats();
    const { client } = startClient(server.url);
    trace(client, 0, 1);
    await client.flush();
    await server.ask(({ streams }) => streams.delete('tailrace'));
    trace(client, 1, 2);
    expect(await client.flush()).toMatchObject({ sent: 2, failed: 0 });
    expect(await idsAt(server)).toEqual(['span 1']);
  });

  it.each([
    [
      'a server without JetStream',
      { jetStream: false },
      {},
      'has no stream for the subject, or no JetStream',
    ],
    ['a stream that is missing', {}, { create: false }, 'has no stream for the subject, or no JetStream'],
  ])('reports %s as a configuration error', async (_, options, nats, reason) => {
    const server = await startNats(options);
    const { client, messages } = startClient(server.url, { nats });
    trace(client, 0, 1);
    expect(await client.shutdown()).toMatchObject({ sent: 0, failed: 1 });
    expect(messages.join('\n')).toContain(reason);
  });

  it('reports subjects that another stream has as a configuration error', async () => {
    const server = await startNats();
    await addStream(server, { name: 'other' });
    const { client, messages } = startClient(server.url);
    trace(client, 0, 1);
    expect(await client.shutdown()).toMatchObject({ sent: 0, failed: 1 });
    expect(messages.join('\n')).toContain('has another stream for the subjects (JetStream error 10065)');
  });

  it('holds up no process that has nothing else to do, without a worker', async () => {
    const server = await startNats();
    const program = `
      import { Tailrace } from 'tailrace';
      const client = new Tailrace({ exporter: 'nats', nats: { url: '${server.url}' }, worker: false });
      client.span({ name: 'span 0' }).end();
      await client.flush();
      console.log('flushed');`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      cwd: new URL('../..', import.meta.url),
      timeout: 20_000,
    });
    expect(stdout).toContain('flushed');
    expect(await idsAt(server)).toEqual(['span 0']);
  });

  it('keeps the events and says what to install where the packages are missing', async () => {
    // The worker resolves packages from its own file and from the working directory: neither has any here.
    const folder = newDir();
    cpSync(new URL('../../dist', import.meta.url), join(folder, 'tailrace/dist'), { recursive: true });
    cpSync(new URL('../../package.json', import.meta.url), join(folder, 'tailrace/package.json'));
    const program = `
      import { Tailrace } from './tailrace/dist/esm/index.js';
      const client = new Tailrace({ exporter: 'nats', nats: { url: 'nats://127.0.0.1:1' }, spoolDir: 'spool' });
      client.on('warning', (text) => console.log(text));
      client.span({ name: 'kept' }).end();
      await client.flush();
      const { sent, spooled, failed } = await client.shutdown();
      console.log(JSON.stringify({ sent, spooled, failed }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      cwd: folder,
    });
    expect(stdout).toContain('npm install @nats-io/transport-node @nats-io/jetstream');
    expect(stdout).toContain('{"sent":0,"spooled":1,"failed":0}');
  });
});
