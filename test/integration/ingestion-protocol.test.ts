/** The client's `protocol: 'ingestion'`: the same program, and the same traces, as over OTLP. */
import { Tailrace, type TailraceOptions } from 'tailrace';
import { createEngine } from 'tailrace/engine';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startReceiver } from '../../src/receiver/receiver.js';
import { asLangfuse, startClient } from '../support/clients.js';
import { idBytes, observation, SPAN_ID, TRACE_ID } from '../support/records.js';
import { call } from '../unit/receiver/helpers.js';

type Protocol = NonNullable<TailraceOptions['protocol']>;

const MiB = 1024 * 1024;
const START = Date.UTC(2026, 0, 15, 12);
const at = (ms: number) => new Date(START + ms);

async function receiverUrl(): Promise<string> {
  const receiver = await startReceiver({ port: 0 });
  onTestFinished(() => receiver.close());
  return receiver.url;
}

/** The trace as the server shows it, but for when it was written. */
async function traceOf(url: string, id: string): Promise<unknown> {
  const { json } = await call(`${url}/api/public/traces/${id}`);
  return JSON.parse(JSON.stringify(json), (key, value) =>
    ['createdAt', 'updatedAt'].includes(key) ? undefined : value,
  );
}

describe("the same program's traces", () => {
  async function traceMadeBy(protocol: Protocol): Promise<unknown> {
    const baseUrl = await receiverUrl();
    const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl, protocol, environment: 'test' });
    const trace = client.trace({
      id: 'conversation-1',
      timestamp: at(0),
      name: 'support',
      userId: 'u1',
      sessionId: 's1',
      tags: ['a', 'b'],
      metadata: { k: 'v', deep: { l: [1, 2] } },
      version: 'v2',
      release: 'r1',
      public: true,
      input: { question: '漢字 "quoted" \u0007' },
    });
    const agent = trace.agent({ id: 'agent', name: 'agent', startTime: at(1), metadata: { first: 1 } });
    const generation = agent.generation({
      id: 'generation',
      name: 'answer',
      startTime: at(2),
      model: 'gpt-4o',
      modelParameters: { temperature: 0.5 },
      input: [{ role: 'user', content: 'hi' }],
      prompt: { name: 'greeting', version: 3 },
    });
    generation.score({ id: 'score', name: 'reward', value: 0.5, timestamp: at(3) });
    generation.end({
      output: 'plain text',
      usageDetails: { input: 10, output: 5 },
      costDetails: { input: 0.01, output: 0.02 },
      completionStartTime: at(50),
      endTime: at(100),
    });
    agent.event({ id: 'event', name: 'seen', startTime: at(110), endTime: at(110), input: 7 });
    agent.end({ metadata: { second: 2 }, level: 'ERROR', statusMessage: 'no', endTime: at(120) });
    trace.tool({ id: 'tool', name: 'tool', startTime: at(130), endTime: at(140), output: { ok: true } });
    trace.end({ output: ['done'], metadata: { later: true }, endTime: at(140) });
    // Over OTLP what was said of the trace at last goes beside its spans as well.
    const sent = protocol === 'otel' ? 7 : 6;
    expect(await client.shutdown()).toMatchObject({ failed: 0, pending: 0, sent });
    return traceOf(baseUrl, trace.id);
  }

  it('are the same in both protocols', async () => {
    const [otel, ingestion] = [await traceMadeBy('otel'), await traceMadeBy('ingestion')];
    expect(otel).toMatchObject({ name: 'support', observations: expect.objectContaining({ length: 4 }) });
    expect(ingestion).toEqual(otel);
  });

  async function traceWithoutRecord(protocol: Protocol): Promise<unknown> {
    const baseUrl = await receiverUrl();
    const options = { baseUrl, publicKey: 'pk', secretKey: 'sk', sdkVersion: '1', protocol };
    const engine = createEngine({ exporter: { url: 'langfuse', options } });
    const trace = ['support', 'u1', 's1', ['t'], [{ k: 1 }], 'r1', false, null, 'test', null, null, null];
    const times = { startTime: START + 1, endTime: START + 2, environment: 'test', version: 'v2', trace };
    engine.push(
      observation({ ...times, id: idBytes('00000000000000aa'), parentId: idBytes(SPAN_ID), name: 'child' }),
    );
    engine.push(observation({ ...times, startTime: START, name: 'root', input: 'in' }));
    expect(await engine.shutdown()).toMatchObject({ failed: 0, sent: 2 });
    return traceOf(baseUrl, TRACE_ID);
  }

  it('are so too where no trace() was called', async () => {
    const [otel, ingestion] = [await traceWithoutRecord('otel'), await traceWithoutRecord('ingestion')];
    expect(otel).toMatchObject({ name: 'support', userId: 'u1', version: 'v2' });
    expect(ingestion).toEqual(otel);
  });
});

describe('requests', () => {
  it('stay within what the server takes, whatever maxBatchBytes allows, and hold all', async () => {
    const baseUrl = await receiverUrl();
    const client = new Tailrace({
      publicKey: 'pk',
      secretKey: 'sk',
      baseUrl,
      protocol: 'ingestion',
      maxBatchBytes: 64 * MiB,
    });
    const errors: string[] = [];
    client.on('error', (message) => errors.push(message));
    const trace = client.trace({ name: 'large' });
    for (let i = 0; i < 12; i++) trace.span({ name: `span ${i}`, input: 'x'.repeat(900_000) }).end();
    expect(await client.shutdown()).toMatchObject({ sent: 13, failed: 0, retried: 0 });
    expect(errors).toEqual([]);
    expect(await traceOf(baseUrl, trace.id)).toMatchObject({
      observations: expect.objectContaining({ length: 12 }),
    });
  });

  it('are cut below the limit and not compressed, scores as well', async () => {
    const { client, sink } = await startClient({
      protocol: 'ingestion',
      maxBatchBytes: 64 * MiB,
      ringBytes: 64 * MiB,
    });
    const trace = client.trace({ name: 'large' });
    for (let i = 0; i < 12; i++) {
      trace.span({ input: 'x'.repeat(900_000) }).end();
      trace.score({ name: 's', value: 1, comment: 'y'.repeat(900_000) });
    }
    expect(await client.flush()).toMatchObject({ sent: 25, failed: 0 });
    expect(sink.requests.length).toBeGreaterThan(5);
    for (const { url, headers, body } of sink.requests) {
      expect(url).toBe('/api/public/ingestion');
      expect(headers).not.toHaveProperty('content-encoding');
      expect(body.byteLength).toBeLessThanOrEqual(4_500_000);
      expect(() => JSON.parse(body.toString())).not.toThrow();
    }
  });

  it('hold an observation that is larger than that cut to it, whatever maxEventBytes says', async () => {
    const { client, sink, warnings } = await startClient({
      protocol: 'ingestion',
      maxEventBytes: 8 * 1024 * 1024,
    });
    const trace = client.trace({ name: 'large' });
    const [input, output] = ['\n'.repeat(4_000_000), { text: 'x'.repeat(2_000_000), small: 'whole' }];
    trace.span({ id: 'fedcba9876543210', name: 'large', input, output }).end();
    trace.span({ name: 'small' }).end();
    expect(await client.flush()).toMatchObject({ failed: 0, sent: 3, truncated: 1 });
    expect(warnings).toEqual([expect.stringContaining('fedcba9876543210')]);
    const bodies = sink.requests.map(({ body }) => body);
    for (const { byteLength } of bodies) expect(byteLength).toBeLessThanOrEqual(4_500_000);
    const events = bodies.flatMap((body) => JSON.parse(body.toString()).batch);
    const { body } = events.find((event) => event.body.name === 'large' && event.type === 'span-create');
    expect(body.input).toMatch(/^\n{1000000}\n*… \[truncated by tailrace: \d+ of 4000000 bytes left out\]$/);
    expect(body.output.small).toBe('whole');
  });
});

describe('a server that refuses some events', () => {
  it('has them counted and named, and the others taken', async () => {
    const { client, sink, errors } = await startClient({ protocol: 'ingestion' });
    sink.answer = ({ body }, response) => {
      const { batch } = JSON.parse(body.toString()) as { batch: { id: string; body: { name?: string } }[] };
      const isBad = (event: { body: { name?: string } }) => event.body.name === 'bad';
      const successes = batch.filter((event) => !isBad(event)).map(({ id }) => ({ id, status: 201 }));
      const refused = batch
        .filter(isBad)
        .map(({ id }) => ({ id, status: 400, message: 'Invalid request data' }));
      response.writeHead(207).end(JSON.stringify({ successes, errors: refused }));
    };
    const trace = client.trace({ name: 'trace' });
    const bad = trace.span({ name: 'bad' }).end();
    trace.span({ name: 'good' }).end();
    expect(await client.flush()).toMatchObject({ sent: 2, failed: 1 });
    expect(errors).toEqual([`1 observation not delivered (${bad.id}): HTTP 400: Invalid request data`]);
  });

  it('for types that it does not know gets them as spans, and nothing is lost', async () => {
    const { client, sink, errors, warnings } = await startClient({ protocol: 'ingestion' });
    const known = ['trace-create', 'span-create', 'generation-create', 'event-create', 'score-create'];
    const taken: { type: string; body: { name?: string } }[] = [];
    sink.answer = ({ body }, response) => {
      const { batch } = JSON.parse(body.toString()) as {
        batch: { id: string; type: string; body: { name?: string } }[];
      };
      const isKnown = ({ type }: { type: string }) => known.includes(type);
      taken.push(...batch.filter(isKnown));
      const refused = batch
        .filter((event) => !isKnown(event))
        .map(({ id }) => ({
          id,
          status: 400,
          message: 'Invalid request data',
          error: '[{"code":"invalid_union","note":"No matching discriminator","path":["type"]}]',
        }));
      const successes = batch.filter(isKnown).map(({ id }) => ({ id, status: 201 }));
      response.writeHead(207).end(JSON.stringify({ successes, errors: refused }));
    };
    const trace = client.trace({ name: 'trace' });
    trace.tool({ name: 'a tool' }).end();
    trace.embedding({ name: 'an embedding', model: 'm' }).end();
    expect(await client.flush()).toMatchObject({ sent: 3, failed: 0 });
    expect(errors).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('only spans, generations and events')]);
    const typeOf = (name: string) => taken.find(({ body }) => body.name === name)?.type;
    expect(typeOf('a tool')).toBe('span-create');
    expect(typeOf('an embedding')).toBe('generation-create');

    sink.answer = asLangfuse;
    trace.agent({ name: 'an agent' }).end();
    await client.flush();
    expect(sink.requests.at(-1)?.body.toString()).toContain('"span-create"');
  });
});
