/** Several OTLP endpoints over real sockets, of clients and of the span processor: servers that die, refuse, recover; traces kept together. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { Tailrace, type TailraceOptions } from 'tailrace';
import { TailraceSpanProcessor } from 'tailrace/otel';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBalance } from '../../dist/exporters/otlp/balance.js';
import { decodeSpans, listenToDiag, tracing } from '../support/otel.js';
import { decodeRequest } from '../support/otlp.js';
import { createProgram, REPOSITORY } from '../support/programs.js';
import { type Answer, ok, type Sink, startSink, status } from '../support/sink.js';
import { newDir } from '../support/spools.js';

async function startServers(...answers: readonly Answer[]): Promise<Sink[]> {
  const sinks = await Promise.all(answers.map((answer) => startSink(answer)));
  onTestFinished(async () => {
    await Promise.all(sinks.map((sink) => sink.close()));
  });
  return sinks;
}

type Given = Omit<TailraceOptions, 'otlp'> & { otlp?: TailraceOptions['otlp'] };

function startClient(sinks: readonly { readonly url: string }[], { otlp, ...options }: Given = {}) {
  const client = new Tailrace({
    exporter: 'otlp',
    otlp: { endpoint: sinks.map(({ url }) => url), ...otlp },
    flushAt: 20,
    ...options,
  });
  const messages: { text: string; code: string }[] = [];
  const waiting: { code: string; resolve: (text: string) => void }[] = [];
  for (const kind of ['error', 'warning'] as const) {
    client.on(kind, (text: string, { code }: { code: string }) => {
      messages.push({ text, code });
      for (const one of waiting) if (one.code === code) one.resolve(text);
    });
  }
  onTestFinished(async () => {
    await client.shutdown();
  });
  return {
    client,
    messages,
    textsOf: (code: string) => messages.filter((one) => one.code === code).map(({ text }) => text),
    /** Resolves with the first message of this code. */
    told: (code: string): Promise<string> =>
      new Promise((resolve) => {
        const known = messages.find((one) => one.code === code);
        if (known !== undefined) resolve(known.text);
        else waiting.push({ code, resolve });
      }),
  };
}

const spansAt = (...sinks: readonly Sink[]) =>
  sinks.flatMap(({ requests }) => requests.flatMap(({ body }) => decodeRequest(body).spans));
const namesAt = (...sinks: readonly Sink[]): string[] => spansAt(...sinks).map(({ name }) => name);
const host = ({ url }: Sink): string => new URL(url).host;

function trace(client: Tailrace, from: number, to: number): void {
  for (let i = from; i < to; i++) client.span({ name: `span ${i}` }).end();
}

const namesUpTo = (count: number): Set<string> =>
  new Set(Array.from({ length: count }, (_, i) => `span ${i}`));

/** A port that nobody listens on. */
async function closedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe('failover', () => {
  it('sends all to the first of two that work', async () => {
    const [a, b] = (await startServers(ok, ok)) as [Sink, Sink];
    const { client, messages } = startClient([a, b]);
    trace(client, 0, 100);
    expect(await client.flush()).toMatchObject({ sent: 100, failed: 0 });
    expect(new Set(namesAt(a))).toEqual(namesUpTo(100));
    expect(b.requests).toEqual([]);
    expect(messages).toEqual([]);
  });

  it('goes on at the second when the first dies, and loses nothing', async () => {
    const [a, b] = (await startServers(ok, ok)) as [Sink, Sink];
    const { client, told, textsOf } = startClient([a, b]);
    trace(client, 0, 200);
    await a.received(3);
    await a.close();
    trace(client, 200, 400);
    expect(await client.flush()).toMatchObject({ accepted: 400, sent: 400, failed: 0, pending: 0 });
    expect(new Set(namesAt(a, b))).toEqual(namesUpTo(400));
    expect(await told('TAILRACE_ENDPOINT_AWAY')).toContain(
      `endpoint ${host(a)} fails, its requests go to ${host(b)}: `,
    );
    expect(textsOf('TAILRACE_RETRYING')).toEqual([]);
  });

  it('sends a batch that one refuses with 503 to the next, where it arrives once', async () => {
    const [a, b] = (await startServers(status(503), ok)) as [Sink, Sink];
    const { client, textsOf } = startClient([a, b]);
    trace(client, 0, 100);
    expect(await client.flush()).toMatchObject({ sent: 100, failed: 0 });
    expect(namesAt(b).sort()).toEqual([...namesUpTo(100)].sort());
    expect(textsOf('TAILRACE_ENDPOINT_AWAY')).toEqual([expect.stringContaining('HTTP 503')]);
  });

  it('passes an endpoint that refuses its key, and shows neither key', async () => {
    const [a, b] = (await startServers(status(401, {}, 'no key-of-endpoint-a'), ok)) as [Sink, Sink];
    const { client, messages } = startClient([], {
      otlp: {
        endpoint: [
          { url: a.url, headers: { 'x-api-key': 'key-of-endpoint-a' } },
          b.url.replace('//', '//ann:password-of-b@'),
        ],
        headers: { 'x-tenant': 'of both' },
      },
    });
    trace(client, 0, 10);
    expect(await client.flush()).toMatchObject({ sent: 10, failed: 0 });
    expect(a.requests[0]?.headers).toMatchObject({ 'x-api-key': 'key-of-endpoint-a', 'x-tenant': 'of both' });
    expect(a.requests[0]?.headers).not.toHaveProperty('authorization');
    const basic = `Basic ${Buffer.from('ann:password-of-b').toString('base64')}`;
    expect(b.requests[0]?.headers).toMatchObject({ authorization: basic, 'x-tenant': 'of both' });
    expect(b.requests[0]?.headers).not.toHaveProperty('x-api-key');
    const told = JSON.stringify(messages);
    expect(told).toContain('TAILRACE_ENDPOINT_AWAY');
    expect(told).not.toMatch(/key-of-endpoint|password-of-b|ann/);
  });

  it('comes back to the first when it has recovered, and says so', async () => {
    const [a, b] = (await startServers(status(503), ok)) as [Sink, Sink];
    const { client, told } = startClient([a, b], { flushAt: 1 });
    trace(client, 0, 5);
    expect(await client.flush()).toMatchObject({ sent: 5 });
    expect(await told('TAILRACE_ENDPOINT_AWAY')).toContain(host(a));
    a.answer = ok;
    const back = told('TAILRACE_ENDPOINT_BACK');
    let sent = 5;
    // A probe is a request of the application: there has to be one.
    const traffic = setInterval(() => client.span({ name: `span ${sent++}` }).end(), 20);
    expect(await back).toMatch(new RegExp(`^endpoint ${host(a)} takes requests again after \\d`));
    clearInterval(traffic);
    await client.flush();
    const before = b.requests.length;
    trace(client, sent, sent + 50);
    expect(await client.flush()).toMatchObject({ failed: 0, pending: 0 });
    expect(b.requests).toHaveLength(before);
    expect(new Set(namesAt(a, b))).toEqual(namesUpTo(sent + 50));
  });

  it('sends a request whose answer was lost to the next one: both have its spans', async () => {
    const [a, b] = (await startServers((_, response) => void response.destroy(), ok)) as [Sink, Sink];
    const { client } = startClient([a, b]);
    trace(client, 0, 10);
    expect(await client.flush()).toMatchObject({ sent: 10, failed: 0 });
    const idsAt = (sink: Sink): string[] => spansAt(sink).map(({ spanId }) => spanId);
    expect(idsAt(a)).toEqual(idsAt(b));
  });

  it('compresses for all of them if one is far', async () => {
    const [a] = (await startServers(ok)) as [Sink];
    const { client } = startClient([a, { url: 'http://collector.example.com:4318' }], {
      compression: 'auto',
    });
    trace(client, 0, 1);
    expect(await client.flush()).toMatchObject({ sent: 1 });
    expect(a.requests[0]?.headers['content-encoding']).toBe('gzip');
  });

  it('sends the last events to one that works when the process ends, and not to one that was silent', async () => {
    const [silent, b] = (await startServers(() => {}, ok)) as [Sink, Sink];
    const program = `
      import { Tailrace } from 'tailrace';
      const endpoint = process.argv.slice(2);
      const tailrace = new Tailrace({ exporter: 'otlp', otlp: { endpoint }, timeout: 1.2, exitTimeoutMs: 1500 });
      tailrace.on('warning', () => {});
      tailrace.span({ name: 'first' }).end();
      await tailrace.flush();
      // By then its circuit would have it probed.
      await new Promise((resolve) => setTimeout(resolve, 600));
      tailrace.span({ name: 'last' }).end();
      process.exit(0);
    `;
    const folder = createProgram({ 'program.mjs': program }, { tailrace: REPOSITORY });
    await promisify(execFile)(process.execPath, ['program.mjs', silent.url, b.url], { cwd: folder });
    expect(namesAt(b)).toEqual(['first', 'last']);
    expect(namesAt(silent)).toEqual(['first']);
  });

  it('keeps all on disk if both are dead, and sends it when one is back', async () => {
    const urls = [await closedUrl(), await closedUrl()];
    const spoolDir = newDir();
    const first = startClient(
      urls.map((url) => ({ url })),
      { spoolDir },
    );
    trace(first.client, 0, 100);
    expect(await first.client.shutdown()).toMatchObject({ accepted: 100, spooled: 100, failed: 0 });

    const received: string[] = [];
    const all = new Promise<void>((resolve) => {
      const server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request
          .on('data', (chunk) => chunks.push(chunk))
          .on('end', () => {
            response.end();
            received.push(...decodeRequest(Buffer.concat(chunks)).spans.map(({ name }) => name));
            if (received.length >= 100) resolve();
          });
      }).listen(Number(new URL(urls[1] as string).port), '127.0.0.1');
      onTestFinished(() => void server.close());
    });
    startClient(
      urls.map((url) => ({ url })),
      { spoolDir },
    );
    await all;
    expect(received.sort()).toEqual([...namesUpTo(100)].sort());
  });

  it('leaves a spool alone that is for other endpoints', async () => {
    const [a, b] = [await closedUrl(), await closedUrl()];
    const spoolDir = newDir();
    const first = startClient([{ url: a }, { url: b }], { spoolDir });
    trace(first.client, 0, 10);
    expect(await first.client.shutdown()).toMatchObject({ spooled: 10 });
    const [c] = (await startServers(ok)) as [Sink];
    const second = startClient([{ url: a }, c], { spoolDir });
    trace(second.client, 10, 20);
    expect(await second.client.shutdown()).toMatchObject({ sent: 10 });
    expect(namesAt(c).every((name) => Number(name.slice(5)) >= 10)).toBe(true);
  });

  it('counts a partial success once: its spans go to no other endpoint', async () => {
    // An ExportTraceServiceResponse whose partial_success has rejected_spans 3.
    const partial: Answer = (_, response) =>
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(Buffer.from([0x0a, 2, 8, 3]));
    const [a, b] = (await startServers(partial, ok)) as [Sink, Sink];
    const { client } = startClient([a, b]);
    trace(client, 0, 10);
    expect(await client.flush()).toMatchObject({ sent: 7, failed: 3, pending: 0 });
    expect(b.requests).toEqual([]);
  });

  it('sends halves of a batch that is too large wherever they go', async () => {
    const [a, b] = (await startServers(
      (request, response) => response.writeHead(request.wireBytes > 2_000 ? 413 : 503).end(),
      ok,
    )) as [Sink, Sink];
    const { client } = startClient([a, b]);
    trace(client, 0, 20);
    expect(await client.flush()).toMatchObject({ sent: 20, failed: 0 });
    expect(namesAt(b).sort()).toEqual([...namesUpTo(20)].sort());
  });
});

describe('balance by trace', () => {
  /** Traces of three spans each, their spans far apart. */
  function startTraces(client: Tailrace, count: number): void {
    const traces = Array.from({ length: count }, () => client.trace({ name: 'root' }));
    for (const name of ['one', 'two']) for (const one of traces) one.span({ name }).end();
    for (const one of traces) one.end();
  }

  const tracesAt = (sink: Sink): Set<string> => new Set(spansAt(sink).map(({ traceId }) => traceId));

  it('has each of 1,000 traces whole at one server, and as many at each', async () => {
    const sinks = await startServers(ok, ok, ok);
    const { client, messages } = startClient(sinks, {
      otlp: { balance: 'trace', endpoint: sinks.map(({ url }) => url) },
    });
    startTraces(client, 1_000);
    expect(await client.flush()).toMatchObject({ sent: 3_000, failed: 0 });
    const traces = sinks.map(tracesAt);
    const sizes = traces.map(({ size }) => size);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(1_000);
    expect(new Set(traces.flatMap((one) => [...one])).size).toBe(1_000);
    for (const size of sizes) expect(size).toBeGreaterThan(250);
    for (const sink of sinks) expect(spansAt(sink)).toHaveLength(3 * tracesAt(sink).size);
    expect(messages).toEqual([]);
  });

  it('moves the traces of a server that is away, and no others, to both of the rest', async () => {
    const [a, b, c] = (await startServers(ok, status(503), ok)) as [Sink, Sink, Sink];
    const endpoint = [a, b, c].map(({ url }) => url);
    const { client, told } = startClient([], { otlp: { balance: 'trace', endpoint } });
    startTraces(client, 300);
    expect(await client.flush()).toMatchObject({ sent: 900, failed: 0 });
    expect(await told('TAILRACE_ENDPOINT_AWAY')).toContain(host(b));
    const choose = createBalance(endpoint.map((url) => `${url}/v1/traces`));
    const places = { moved: new Map<Sink, number>(), kept: 0 };
    for (const sink of [a, c]) {
      for (const id of tracesAt(sink)) {
        const pair = choose(Buffer.from(id, 'hex'), 0);
        const [first, second] = [[a, b, c][Math.floor(pair / 3)], [a, b, c][pair % 3]];
        expect(first === b ? second : first).toBe(sink);
        if (first === b) places.moved.set(sink, (places.moved.get(sink) ?? 0) + 1);
        else places.kept++;
      }
    }
    expect(tracesAt(a).size + tracesAt(c).size).toBe(300);
    expect(places.kept).toBeGreaterThan(150);
    for (const sink of [a, c]) expect(places.moved.get(sink)).toBeGreaterThan(20);
  });

  it('has each trace whole at one server if another client sends a part of it', async () => {
    const [a, b] = (await startServers(ok, ok)) as [Sink, Sink];
    const one = startClient([], { otlp: { balance: 'trace', endpoint: [a.url, b.url] } });
    const two = startClient([], { otlp: { balance: 'trace', endpoint: [b.url, a.url] } });
    const traces = Array.from({ length: 100 }, () => one.client.trace({ name: 'root' }));
    for (const { id } of traces) two.client.trace({ id, name: 'root' }).span({ name: 'elsewhere' }).end();
    for (const trace of traces) trace.end();
    await Promise.all([one.client.flush(), two.client.flush()]);
    expect(namesAt(a, b).filter((name) => name === 'elsewhere')).toHaveLength(100);
    const [atA, atB] = [tracesAt(a), tracesAt(b)];
    expect(atA.size + atB.size).toBe(100);
    expect([...atA].filter((id) => atB.has(id))).toEqual([]);
  });
});

describe('the span processor', () => {
  it('fails over for one destination alone', async () => {
    listenToDiag();
    const [a, b, other] = (await startServers(status(503), ok, ok)) as [Sink, Sink, Sink];
    const processor = new TailraceSpanProcessor({
      destinations: [
        { endpoint: [a.url, { url: b.url, headers: { 'x-key': 'b' } }] },
        { endpoint: other.url },
      ],
    });
    onTestFinished(() => processor.shutdown());
    const { end } = tracing(processor);
    for (const name of ['one', 'two']) end(name);
    await processor.forceFlush();
    expect(processor.stats()).toMatchObject({ accepted: 4, sent: 4, failed: 0 });
    for (const sink of [b, other]) {
      expect(sink.requests.flatMap(({ body }) => decodeSpans(body)).map(({ name }) => name)).toEqual([
        'one',
        'two',
      ]);
    }
    expect(b.requests[0]?.headers).toMatchObject({ 'x-key': 'b' });
    expect(other.requests[0]?.headers).not.toHaveProperty('x-key');
  });

  it('keeps traces together in JSON as well', async () => {
    listenToDiag();
    const sinks = (await startServers(ok, ok)) as [Sink, Sink];
    const endpoint = sinks.map(({ url }) => url);
    const processor = new TailraceSpanProcessor({ endpoint, balance: 'trace', protocol: 'http/json' });
    onTestFinished(() => processor.shutdown());
    const { end } = tracing(processor);
    for (let i = 0; i < 100; i++) end(`span ${i}`);
    await processor.forceFlush();
    const idsAt = ({ requests }: Sink): string[] =>
      requests.flatMap(({ body }) =>
        Array.from(body.toString().matchAll(/"traceId":"(\w+)"/g), ([, id]) => id as string),
      );
    const [atA, atB] = sinks.map(idsAt) as [string[], string[]];
    expect(atA.length + atB.length).toBe(100);
    expect(atA.length).toBeGreaterThan(20);
    expect(atB.length).toBeGreaterThan(20);
    expect(atA.filter((id) => atB.includes(id))).toEqual([]);
  });
});
