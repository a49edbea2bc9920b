/** A real HTTP server that answers as a Langfuse server does and keeps every request in the order of arrival. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { judgeBatch } from './batch.js';
import { isIngestion, isOtlp, refusalOfOtlp } from './routes.js';
import type { ReceivedRequest, ServerVersion } from './types.js';

export interface CapturedRequest extends ReceivedRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Decompressed. */
  readonly body: Buffer;
  /** 0 for the request whose body was complete first. */
  readonly arrivedAt: number;
}

export interface Capture {
  /** The client's `baseUrl`. */
  readonly url: string;
  readonly version: ServerVersion;
  readonly requests: readonly CapturedRequest[];
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Credentials and rate limits are not modelled: every key is right. */
export async function startCapture({ version }: { readonly version: ServerVersion }): Promise<Capture> {
  const requests: CapturedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const { method = '', url: path = '', headers } = incoming;
    const body = await readBody(incoming);
    const request = { method, path, headers, body, arrivedAt: requests.length };
    requests.push(request);
    const answer = answerTo(version, request);
    response.writeHead(answer.status, { 'content-type': answer.contentType }).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    version,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const wire = Buffer.concat(chunks);
  return incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire;
}

function answerTo(version: ServerVersion, request: CapturedRequest): Answer {
  if (request.method === 'POST' && isOtlp(request)) return answerToOtlp(request);
  if (request.method === 'POST' && isIngestion(request)) return answerToIngestion(version, request);
  return json(404, { message: 'Not found' });
}

/** Langfuse's web/src/pages/api/public/otel/v1/traces/index.ts. A success is empty in either encoding. */
function answerToOtlp(request: CapturedRequest): Answer {
  const refusal = refusalOfOtlp(request);
  if (refusal !== null) return json(400, { error: refusal });
  const contentType = request.headers['content-type'] ?? '';
  return contentType.includes('json') ? json(200, {}) : { status: 200, contentType, body: '' };
}

/** Langfuse's web/src/pages/api/public/ingestion.ts. */
function answerToIngestion(version: ServerVersion, { body }: CapturedRequest): Answer {
  const verdict = judgeBatch(version, body);
  if (verdict === null) return json(400, { message: 'Invalid request data', errors: ['Invalid input'] });
  const successes = verdict.accepted.map(({ id }) => ({ id, status: 201 }));
  const errors = verdict.dropped.map(({ id, status, message, error }) => ({ id, status, message, error }));
  return json(207, { successes, errors });
}

function json(status: number, body: unknown): Answer {
  return { status, contentType: 'application/json', body: JSON.stringify(body) };
}
