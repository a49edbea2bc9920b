/** One attempt of one request over HTTP, with undici. */
import { Agent, request as send } from 'undici';
import type { ExportOutcome } from '../shared/exporter.js';
import type { ReadOutcome, Transport, TransportRequest } from './transport.js';

export interface HttpTransportOptions {
  readonly requestTimeoutMs: number;
  readonly maxInFlight: number;
}

/** Enough for a 207 that answers for each of thousands of events; an error page is never read further. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

export function createHttpTransport({ requestTimeoutMs, maxInFlight }: HttpTransportOptions): Transport {
  const agent = new Agent({
    connect: { timeout: requestTimeoutMs },
    headersTimeout: requestTimeoutMs,
    bodyTimeout: requestTimeoutMs,
    connections: maxInFlight,
    pipelining: 1,
  });
  return {
    send: (request, read) => attempt(agent, request, read, requestTimeoutMs),
    close: () => agent.destroy(),
  };
}

async function attempt(
  agent: Agent,
  request: TransportRequest,
  read: ReadOutcome,
  timeoutMs: number,
): Promise<ExportOutcome> {
  try {
    // The three time-outs above each begin anew; the signal bounds the attempt as a whole.
    const response = await send(request.url, {
      method: 'POST',
      headers: request.headers,
      body: request.body,
      dispatcher: agent,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = await readBody(response.body);
    return read({ status: response.statusCode, headers: response.headers, body });
  } catch (error) {
    return { kind: 'retryable', reason: reasonOf(error, timeoutMs) };
  }
}

/** Reads what is needed and discards the rest, so that the connection is free again. */
async function readBody(body: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes >= MAX_RESPONSE_BYTES) break;
  }
  return Buffer.concat(chunks);
}

/** An error's own words say little (`fetch failed`, an empty AggregateError); its code says it. */
function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, code, message, errors } = error as {
    name?: string;
    code?: string;
    message?: string;
    errors?: { code?: string }[];
  };
  if (name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  const known = code ?? errors?.[0]?.code;
  return [known, message].filter(Boolean).join(': ') || 'unknown network error';
}
