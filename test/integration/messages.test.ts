/** Where messages of a client and of an engine go: a logger, by level, and channels. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { type ChannelMessages, Tailrace } from 'tailrace';
import { createEngine } from 'tailrace/engine';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startClient } from '../support/clients.js';
import { startSink } from '../support/sink.js';

const EXPORTER = { url: new URL('../support/json-exporter.mjs', import.meta.url) };

function collect() {
  const lines: string[] = [];
  const write = (level: string) => (line: string) => lines.push(`${level} ${line}`);
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  return { logger, lines };
}

function onChannel<K extends keyof ChannelMessages>(name: K): ChannelMessages[K][] {
  const messages: ChannelMessages[K][] = [];
  const onMessage = (message: unknown) => messages.push(message as ChannelMessages[K]);
  subscribe(name, onMessage);
  onTestFinished(() => void unsubscribe(name, onMessage));
  return messages;
}

describe('a client', () => {
  it('tells its logger what is wrong with its options, and each batch at level debug', async () => {
    const { logger, lines } = collect();
    const { client } = await startClient({ logger, logLevel: 'debug', tags: 'one' as never });
    client.trace({ name: 't' });
    await client.shutdown();
    expect(lines).toEqual([expect.stringMatching(/^debug \[tailrace\] /)]);
  });

  it('without listeners tells it warnings as well', async () => {
    const { logger, lines } = collect();
    const client = new Tailrace({ enabled: false, logger, tags: 'one' as never });
    await client.shutdown();
    expect(lines).toEqual([
      'warn [tailrace] option tags must be an array of texts, but got: "one"; using none [TAILRACE_OPTION]',
    ]);
  });

  it('tells an address that cannot be used as an error, sends nothing, and attached threads send nothing', async () => {
    const { client, sink, errors, warnings } = await startClient({ baseUrl: 'localhost:3000' });
    const attached = Tailrace.attach(client.handle());
    for (const one of [client, attached]) {
      one.trace({ name: 't' }).end();
      expect(await one.flush()).toMatchObject({ accepted: 0, pending: 0 });
    }
    expect(errors).toEqual([
      expect.stringMatching(/^option baseUrl must be an http\(s\) URL such as .*; nothing is traced$/),
    ]);
    expect({ warnings, requests: sink.requests }).toEqual({ warnings: [], requests: [] });
  });

  it('names a logger that is none in one warning, and works', async () => {
    const { client, warnings, spans } = await startClient({ logger: 'pino' as never });
    client.trace({ name: 't' });
    await client.flush();
    expect(warnings).toEqual([expect.stringMatching(/^option logger must be .* but got: "pino"/)]);
    expect(spans()).toHaveLength(1);
  });

  it('reports each batch to who had subscribed when it was made, and writes none of it', async () => {
    const published = onChannel('tailrace:debug');
    const { logger, lines } = collect();
    const { client } = await startClient({ logger });
    client.trace({ name: 't' });
    await client.shutdown();
    expect(published).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  it('publishes what it has listeners for', async () => {
    const published = onChannel('tailrace:warning');
    const { client, warnings } = await startClient({ tags: 'one' as never });
    await client.flush();
    expect(published.map(({ message }) => message)).toEqual(warnings);
    expect(warnings).toHaveLength(1);
  });
});

describe('a code', () => {
  it('comes with what the worker reports: to listeners, on channels, and to attached threads', async () => {
    const published = onChannel('tailrace:error');
    const sink = await startSink((_, response) => response.writeHead(400).end());
    onTestFinished(sink.close);
    const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: sink.url });
    const attached = Tailrace.attach(client.handle());
    onTestFinished(async () => {
      await attached.shutdown();
      await client.shutdown();
    });
    const heard: unknown[] = [];
    for (const one of [client, attached]) {
      one.on('error', (message, detail) => heard.push({ message, ...detail }));
      one.trace({ name: 'refused' }).end();
      await one.flush();
    }
    const refused = {
      message: expect.stringMatching(/^1 span not delivered/),
      code: 'TAILRACE_NOT_DELIVERED',
    };
    await expect
      .poll(() => heard)
      .toEqual([
        { ...refused, events: 1 },
        { ...refused, events: 1 },
      ]);
    expect(published).toEqual(heard);
  });
});

describe('an engine', () => {
  it('takes a logger and a level', async () => {
    const { logger, lines } = collect();
    const engine = createEngine({ exporter: EXPORTER, logger, logLevel: 'error', flushAt: 0 });
    await engine.shutdown();
    engine.push('late');
    expect(lines).toEqual([]);
    const other = createEngine({ exporter: EXPORTER, logger, logLevel: 'warn', flushAt: 0 });
    await other.shutdown();
    expect(lines).toEqual([expect.stringMatching(/^warn \[tailrace\] option flushAt must be /)]);
  });

  it('names a logger and a level that are none, each in one warning', async () => {
    const published = onChannel('tailrace:warning');
    const engine = createEngine({ exporter: EXPORTER, logger: {}, logLevel: 'loud' as never });
    engine.on('warning', () => {});
    await engine.shutdown();
    expect(published.map(({ message }) => message)).toEqual([
      'option logLevel must be one of warn, debug, info, error, none, but got: "loud"; using warn',
      expect.stringMatching(/^option logger must be /),
    ]);
  });
});
