/** A client with `exporter: 'otlp'`: what a collector is sent, and what becomes of scores. */
import { Tailrace, type TailraceOptions } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { decodeRequest } from '../support/otlp.js';
import { type Answer, type Sink, startSink, status } from '../support/sink.js';

async function startServer(answer?: Answer): Promise<Sink> {
  const sink = await startSink(answer);
  onTestFinished(() => sink.close());
  return sink;
}

function startClient(options: TailraceOptions) {
  const client = new Tailrace({ exporter: 'otlp', ...options });
  const messages: string[] = [];
  for (const kind of ['error', 'warning'] as const) client.on(kind, (text: string) => messages.push(text));
  onTestFinished(async () => {
    await client.shutdown();
  });
  return { client, messages };
}

const spansAt = ({ requests }: Sink) => requests.flatMap(({ body }) => decodeRequest(body).spans);

describe("a client with exporter: 'otlp'", () => {
  it('sends observations and traces as spans with the attributes of Langfuse', async () => {
    const sink = await startServer();
    const { client, messages } = startClient({
      otlp: { endpoint: sink.url, headers: { 'X-Key': 'k' }, serviceName: 'shop' },
      environment: 'staging',
    });
    const trace = client.trace({ name: 'support', userId: 'u-1', sessionId: 's-1' });
    const generation = trace.generation({ name: 'answer', model: 'gpt-4o', input: [{ role: 'user' }] });
    generation.end({ output: 'It arrives today.', usageDetails: { input: 12, output: 5 } });
    trace.end();
    expect(await client.flush()).toMatchObject({ sent: 2, failed: 0, pending: 0 });
    expect(messages).toEqual([]);

    const [request] = sink.requests;
    expect(request).toMatchObject({ method: 'POST', url: '/v1/traces' });
    expect(request?.headers).toMatchObject({
      'content-type': 'application/x-protobuf',
      'x-key': 'k',
      'user-agent': expect.stringMatching(/^tailrace-otlp-exporter-javascript\/\d/),
    });
    expect(request?.headers).not.toHaveProperty('authorization');
    const { resource, scope, spans } = decodeRequest(request?.body as Buffer);
    expect(resource).toMatchObject({ 'service.name': 'shop', 'telemetry.sdk.name': 'tailrace' });
    expect(scope.name).toBe('langfuse-sdk');
    const answer = spans.find(({ name }) => name === 'answer');
    expect(answer).toMatchObject({
      traceId: trace.id,
      attributes: {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.model.name': 'gpt-4o',
        'langfuse.observation.usage_details': '{"input":12,"output":5}',
        'langfuse.environment': 'staging',
        'langfuse.trace.name': 'support',
        'user.id': 'u-1',
        'session.id': 's-1',
      },
    });
  });

  it('masks and redacts before anything is sent', async () => {
    const sink = await startServer();
    const { client } = startClient({ otlp: { endpoint: sink.url }, redact: ['email'] });
    client.span({ name: 'work', input: 'write to ann@example.com' }).end();
    await client.flush();
    expect(String(sink.requests[0]?.body)).not.toContain('ann@example.com');
    expect(spansAt(sink)).toHaveLength(1);
  });

  it('counts scores as failed and names them, and sends the spans', async () => {
    const sink = await startServer();
    const { client, messages } = startClient({ otlp: { endpoint: sink.url } });
    const span = client.span({ name: 'work' });
    span.end();
    client.score({ id: 'score-1', traceId: span.traceId, name: 'quality', value: 1 });
    expect(await client.flush()).toMatchObject({ sent: 1, failed: 1 });
    expect(messages).toEqual([
      expect.stringMatching(
        /^1 score not delivered \(score-1\): OTLP has no form for them; .*scores: 'langfuse'/,
      ),
    ]);
    expect(sink.requests).toHaveLength(1);
  });

  it('sends scores, and updates of traces, to a Langfuse server if it is to', async () => {
    const [collector, langfuse] = await Promise.all([
      startServer(),
      startServer((request, response) => {
        const { batch } = JSON.parse(request.body.toString());
        const successes = batch.map(({ id }: { id: string }) => ({ id, status: 201 }));
        response.writeHead(207).end(JSON.stringify({ successes, errors: [] }));
      }),
    ]);
    const { client, messages } = startClient({
      otlp: {
        endpoint: collector.url,
        headers: { authorization: 'Bearer of-the-collector' },
        scores: 'langfuse',
      },
      baseUrl: langfuse.url,
      publicKey: 'pk-lf-1',
      secretKey: 'sk-lf-1',
    });
    const span = client.span({ name: 'work' });
    span.end();
    client.score({ traceId: span.traceId, name: 'quality', value: 1 });
    expect(await client.flush()).toMatchObject({ sent: 2, failed: 0 });
    expect(messages).toEqual([]);
    expect(collector.requests.map(({ url }) => url)).toEqual(['/v1/traces']);
    expect(collector.requests[0]?.headers.authorization).toBe('Bearer of-the-collector');
    expect(langfuse.requests.map(({ url }) => url)).toEqual(['/api/public/ingestion']);
    const basic = `Basic ${Buffer.from('pk-lf-1:sk-lf-1').toString('base64')}`;
    expect(langfuse.requests[0]?.headers.authorization).toBe(basic);
  });

  it('reports a collector that refuses its key, without the key', async () => {
    const sink = await startServer(status(401, {}, 'the key k3y-0f-ann is unknown'));
    const { client, messages } = startClient({
      otlp: { endpoint: sink.url, headers: { 'x-api-key': 'k3y-0f-ann' } },
    });
    client.span({ name: 'work' }).end();
    expect(await client.flush()).toMatchObject({ sent: 0, failed: 1 });
    expect(messages.join('\n')).toContain('HTTP 401');
    expect(messages.join('\n')).not.toContain('k3y-0f-ann');
  });
});
