/** Clients against a sink that answers as Langfuse does, and what the sink was sent, decoded. */
import { Tailrace, type TailraceOptions } from 'tailrace';
import { onTestFinished } from 'vitest';
import { type DecodedSpan, decodeRequest } from './otlp.js';
import { type Answer, type Sink, startSink } from './sink.js';

interface ClassicEvent {
  id: string;
  type: string;
  timestamp: string;
  body: Record<string, unknown>;
}

export interface ClientBench {
  readonly sink: Sink;
  readonly client: Tailrace;
  readonly warnings: string[];
  readonly errors: string[];
  spans(): DecodedSpan[];
  span(name: string): DecodedSpan;
  scores(): ClassicEvent[];
  /** Of traces, beside their spans. */
  traceUpdates(): ClassicEvent[];
}

/** Takes spans, and answers for each score as a Langfuse server does. */
export const asLangfuse: Answer = ({ url, body }, response) => {
  if (!url.endsWith('/ingestion')) return response.end();
  const { batch } = JSON.parse(body.toString()) as { batch: { id: string }[] };
  const successes = batch.map(({ id }) => ({ id, status: 201 }));
  return response.writeHead(207).end(JSON.stringify({ successes, errors: [] }));
};

export async function startClient(options: TailraceOptions = {}): Promise<ClientBench> {
  const sink = await startSink(asLangfuse);
  const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: sink.url, ...options });
  const warnings: string[] = [];
  const errors: string[] = [];
  client.on('warning', (message) => warnings.push(message));
  client.on('error', (message) => errors.push(message));
  onTestFinished(async () => {
    await client.shutdown();
    await sink.close();
  });
  const bodies = (end: string) =>
    sink.requests.filter(({ url }) => url.endsWith(end)).map(({ body }) => body);
  const spans = () => bodies('/traces').flatMap((body) => decodeRequest(body).spans);
  const events = (type: string) =>
    bodies('/ingestion')
      .flatMap((body) => JSON.parse(body.toString()).batch as ClassicEvent[])
      .filter((event) => event.type === type);
  return {
    sink,
    client,
    warnings,
    errors,
    spans,
    span(name) {
      const found = spans().filter((span) => span.name === name);
      if (found.length !== 1) throw new Error(`${found.length} spans are named ${name}`);
      return found[0] as DecodedSpan;
    },
    scores: () => events('score-create'),
    traceUpdates: () => events('trace-create'),
  };
}
