/** What clients of one destination have in common, and what each has of its own. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Tailrace, type TailraceOptions } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asLangfuse } from '../support/clients.js';
import { decodeRequest } from '../support/otlp.js';
import { type Answer, type Sink, startSink, status } from '../support/sink.js';
import { countWorkers, workersToBe } from '../support/worker-threads.js';

async function startTwins(
  answer: Answer = asLangfuse,
  ...each: TailraceOptions[]
): Promise<{ sink: Sink; clients: Tailrace[] }> {
  const sink = await startSink(answer);
  const clients = each.map(
    (options) => new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: sink.url, ...options }),
  );
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.shutdown()));
    await sink.close();
  });
  return { sink, clients };
}

const spansOf = ({ requests }: Sink) => requests.flatMap(({ body }) => decodeRequest(body).spans);
const logger = (lines: string[]) => ({
  warn: (line: string) => void lines.push(line),
  error: (line: string) => void lines.push(line),
});

describe('clients of one destination', () => {
  it('keep what they say of their traces, and have their counts together', async () => {
    const { sink, clients } = await startTwins(asLangfuse, { release: 'a' }, { release: 'b', sampleRate: 1 });
    const [a, b] = clients as [Tailrace, Tailrace];
    a.span({ name: 'of a' }).end();
    b.span({ name: 'of b' }).end();
    const counts = await b.flush();
    expect(counts).toMatchObject({ accepted: 2, sent: 2, pending: 0 });
    expect(a.stats()).toEqual(counts);
    expect(countWorkers()).toBe(1);
    const releases = spansOf(sink).map(({ name, attributes }) => [name, attributes['langfuse.release']]);
    expect(releases).toEqual([
      ['of a', 'a'],
      ['of b', 'b'],
    ]);
  });

  it('end one by one, and the worker with the last', async () => {
    const { sink, clients } = await startTwins(asLangfuse, {}, {});
    const [a, b] = clients as [Tailrace, Tailrace];
    const open = a.span({ name: 'open in a' });
    expect(await a.shutdown()).toMatchObject({ accepted: 1, sent: 1, pending: 0 });
    open.end({ output: 'late' });
    a.span({ name: 'too late' }).end();
    b.span({ name: 'of b' }).end();
    await b.flush();
    expect(countWorkers()).toBe(1);
    expect(spansOf(sink).map(({ name }) => name)).toEqual(['open in a', 'of b']);
    expect(await b.shutdown()).toMatchObject({ accepted: 2, sent: 2, pending: 0 });
    await workersToBe(0);
    expect(await b.shutdown()).toEqual(await b.shutdown());
  });

  it('may all be shut down at once', async () => {
    const { sink, clients } = await startTwins(asLangfuse, {}, {}, {});
    for (const client of clients) client.span({ name: 'one' });
    const counts = await Promise.all(clients.map((client) => client.shutdown()));
    for (const one of counts) expect(one).toMatchObject({ accepted: 3, sent: 3, pending: 0 });
    expect(spansOf(sink)).toHaveLength(3);
    await workersToBe(0);
  });

  it('begin anew where the last has been shut down', async () => {
    const { sink, clients } = await startTwins(asLangfuse, {});
    clients[0]?.span({ name: 'before' }).end();
    const closing = clients[0]?.shutdown();
    const next = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: sink.url });
    next.span({ name: 'after' }).end();
    expect(await next.shutdown()).toMatchObject({ accepted: 1, sent: 1 });
    expect(await closing).toMatchObject({ accepted: 1, sent: 1 });
  });

  it.each([
    ['keys', { secretKey: 'other' }],
    ['numbers', { flushAt: 7 }],
    ['headers', { additionalHeaders: { 'x-tenant': '2' } }],
    ['redaction', { redact: { patterns: [/x/] } }],
    ['a mask in the worker', { maskModule: new URL('../support/masks/mask.mjs', import.meta.url) }],
  ])('are apart by %s', async (_, options) => {
    const { clients } = await startTwins(asLangfuse, {}, options);
    clients[0]?.span({ name: 'only' }).end();
    await clients[0]?.flush();
    expect(clients[1]?.stats().accepted).toBe(0);
  });

  it.each([
    ['patterns', () => ({ redact: { patterns: [/x/i, 'email' as const], paths: ['input.a'] } })],
    ['headers', () => ({ additionalHeaders: { b: '2', a: '1' } })],
    ['a spool setting', () => ({ spool: 'failed' as const, maxInFlight: 4 })],
  ])('are told to be the same by value: %s', async (_, options) => {
    const { clients } = await startTwins(asLangfuse, options(), options());
    clients[0]?.span({ name: 'only' }).end();
    await clients[0]?.flush();
    expect(clients[1]?.stats().accepted).toBe(1);
  });
});

describe('messages of what clients share', () => {
  it('go to the listeners of each, and are written and published once', async () => {
    const lines: string[] = [];
    const shared = logger(lines);
    const { clients } = await startTwins(status(400), {}, {}, { logger: shared }, { logger: shared });
    const heard: string[][] = [[], []];
    clients[0]?.on('error', (message) => heard[0]?.push(message));
    clients[1]?.on('error', (message) => heard[1]?.push(message));
    const published: unknown[] = [];
    const onPublished = (message: unknown) => void published.push(message);
    subscribe('tailrace:error', onPublished);
    onTestFinished(() => void unsubscribe('tailrace:error', onPublished));
    clients[2]?.span({ name: 'refused' }).end();
    expect(await clients[2]?.flush()).toMatchObject({ failed: 1 });
    expect(heard[0]).toHaveLength(1);
    expect(heard[1]).toEqual(heard[0]);
    expect(lines).toEqual([`[tailrace] ${heard[0]?.[0]} [TAILRACE_NOT_DELIVERED]`]);
    expect(published).toHaveLength(1);
  });

  it('are heard by who shuts down, of what its last flush comes to', async () => {
    const { clients } = await startTwins(status(400), {}, { logLevel: 'none' });
    const heard: string[] = [];
    clients[0]?.on('error', (message) => heard.push(message));
    clients[0]?.span({ name: 'refused' });
    await clients[0]?.shutdown();
    expect(heard).toHaveLength(1);
    clients[1]?.span({ name: 'refused' });
    await clients[1]?.shutdown();
    expect(heard).toHaveLength(1);
  });

  it('of a late call go to the client that it is made of', async () => {
    const { clients } = await startTwins(asLangfuse, {}, {});
    const heard: string[][] = [[], []];
    clients[0]?.on('warning', (message) => heard[0]?.push(message));
    clients[1]?.on('warning', (message) => heard[1]?.push(message));
    const handle = clients[0]?.span({ name: 'open' });
    await clients[0]?.shutdown();
    handle?.end();
    clients[0]?.span({ name: 'late' });
    expect(heard[0]?.join()).toMatch(/after shutdown\(\)/);
    expect(heard[1]).toEqual([]);
  });

  it('of each batch are told while one of them debugs', async () => {
    const { clients } = await startTwins(asLangfuse, {}, {});
    const heard: string[] = [];
    clients[0]?.on('debug', (message) => heard.push(message));
    clients[0]?.debug();
    clients[1]?.debug(false);
    clients[1]?.span({ name: 'one' }).end();
    await clients[1]?.flush();
    expect(heard).toHaveLength(1);
    clients[0]?.debug(false);
    clients[1]?.span({ name: 'two' }).end();
    await clients[1]?.flush();
    expect(heard).toHaveLength(1);
  });

  it('of each batch are told no more when the one that debugs has been shut down', async () => {
    const { clients } = await startTwins(asLangfuse, { logLevel: 'none' }, {});
    const heard: string[][] = [[], []];
    clients[0]?.on('debug', (message) => heard[0]?.push(message));
    clients[1]?.on('debug', (message) => heard[1]?.push(message));
    clients[0]?.debug();
    clients[0]?.span({ name: 'one' });
    await clients[0]?.shutdown();
    expect(heard.map(({ length }) => length)).toEqual([1, 1]);
    clients[1]?.span({ name: 'two' }).end();
    await clients[1]?.flush();
    expect(heard.map(({ length }) => length)).toEqual([1, 1]);
  });
});
