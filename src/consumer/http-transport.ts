/** One attempt of one request over HTTP, with undici. */

import { createRequire } from 'node:module';
import type { Agent, Dispatcher } from 'undici';
import type { ExportOutcome, TlsIdentity } from '../shared/exporter.js';
import { abortAfter } from '../shared/real-time.js';
import { networkFault } from './network-fault.js';
import type { ReadOutcome, Transport, TransportRequest } from './transport.js';

export interface HttpTransportOptions {
  readonly requestTimeoutMs: number;
  readonly maxInFlight: number;
}

/** Enough for a 207 that answers for each of thousands of events; an error page is never read further. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/** The request itself is wrong, by its URL or a header: it will be so the next time. */
const NEVER_SENT = new Set(['UND_ERR_INVALID_ARG', 'ERR_INVALID_URL']);

export function createHttpTransport({ requestTimeoutMs, maxInFlight }: HttpTransportOptions): Transport {
  const client = loadClient();
  /** Certificates belong to connections: there are some for each identity that requests come with. */
  const agents = new Map<TlsIdentity | undefined, Agent>();
  const agentFor = (tls: TlsIdentity | undefined): Agent => {
    let agent = agents.get(tls);
    if (agent === undefined) {
      agent = new client.Agent({
        connect: { timeout: requestTimeoutMs, ...tls },
        headersTimeout: requestTimeoutMs,
        bodyTimeout: requestTimeoutMs,
        connections: maxInFlight,
        pipelining: 1,
      });
      agents.set(tls, agent);
    }
    return agent;
  };
  return {
    send: (request, read) =>
      attempt(() => client.request.bind(agentFor(request.tls)), request, read, requestTimeoutMs),
    close: async () => {
      await Promise.all(Array.from(agents.values(), (agent) => agent.destroy()));
    },
  };
}

interface Client {
  readonly Agent: typeof Agent;
  /** To be called with the agent as `this`. */
  readonly request: Dispatcher['request'];
}

/**
 * Of undici just the client: with it come fetch, web sockets, caches and mocks, which take a worker that boots another
 * 100 ms and 8 MB for as long as it lives (measured).
 */
function loadClient(): Client {
  const require = createRequire(import.meta.url);
  try {
    return {
      Agent: require('undici/lib/dispatcher/agent.js'),
      request: require('undici/lib/api/api-request.js'),
    };
  } catch {
    // A later undici may keep them elsewhere.
    const undici = require('undici') as typeof import('undici');
    return { Agent: undici.Agent, request: undici.Agent.prototype.request };
  }
}

/** `connected` may throw as well: certificates may be none. */
async function attempt(
  connected: () => Dispatcher['request'],
  request: TransportRequest,
  read: ReadOutcome,
  requestTimeoutMs: number,
): Promise<ExportOutcome> {
  const timeoutMs = requestTimeoutMs + (request.extraTimeMs ?? 0);
  try {
    // The three time-outs above each begin anew; the signal bounds the attempt as a whole.
    const { origin, pathname, search } = new URL(request.url);
    const response = await connected()({
      origin,
      path: pathname + search,
      method: request.method,
      headers: headersOf(request),
      // An iterable, which the types do not know; another attempt iterates over it again.
      body: (request.body.length === 1 ? request.body[0] : request.body) as Uint8Array,
      headersTimeout: timeoutMs,
      signal: abortAfter(timeoutMs),
    });
    const body = await readBody(response);
    return read({ status: response.statusCode, headers: response.headers, body });
  } catch (error) {
    const { reason, misconfigured } = networkFault(error, request.url, timeoutMs);
    if (NEVER_SENT.has((error as { code?: string }).code ?? '')) return { kind: 'failure', reason };
    return { kind: 'retryable', reason, misconfigured };
  }
}

/** With the length of what is sent, which an exporter may have set for what was not compressed yet. */
function headersOf({ headers, body }: TransportRequest): Record<string, string> {
  const length = body.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-length');
  return { ...Object.fromEntries(others), 'content-length': String(length) };
}

/**
 * Reads what is needed and discards the rest, so that the connection is free again. With a success the server has
 * taken the events: a body that breaks off is read as far as it came, for they must not be sent again.
 */
async function readBody({ statusCode, body }: Dispatcher.ResponseData): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes >= MAX_RESPONSE_BYTES) break;
    }
  } catch (error) {
    if (statusCode >= 300) throw error;
  }
  return Buffer.concat(chunks);
}
