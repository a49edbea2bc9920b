/** One attempt of one request over HTTP, with undici: straight to the server, or through a proxy. */
import type { Dispatcher } from 'undici';
import type { ExportOutcome } from '../../shared/contract/exporter.js';
import type { ProxySetting } from '../../shared/proxy-url.js';
import { abortAfter } from '../../shared/runtime/real-time.js';
import { noteHeaders } from '../../shared/untrusted-text/sent-headers.js';
import type { ReadOutcome, Transport, TransportRequest } from '../delivery/transport.js';
import { type ConnectionLimits, type Connections, createConnections } from './connections.js';
import { decodeContent } from './content-coding.js';
import { expectAllowed, portOf, RefusedAddress } from './guarded-lookup.js';
import { request as requestOf } from './http-client.js';
import { networkFault, refusalOfProxy } from './network-fault.js';
import { type ChooseProxy, createProxyChoice, type HttpProxy } from './proxies.js';
import { isUntrusted } from './trust.js';

export interface HttpTransportOptions extends ConnectionLimits {
  readonly proxy?: ProxySetting | undefined;
}

/** Takes over the certificates that the application trusts; false: they are those that are trusted here already. */
export type RenewTrust = () => Promise<boolean>;

/** Enough for a 207 that answers for each of thousands of events; an error page is never read further. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/** The request itself is wrong, by its URL or a header: it will be so the next time. */
const NEVER_SENT = new Set(['UND_ERR_INVALID_ARG', 'ERR_INVALID_URL']);

interface HttpTransport {
  readonly connections: Connections;
  readonly proxyFor: ChooseProxy;
  readonly requestTimeoutMs: number;
}

export function createHttpTransport(options: HttpTransportOptions, renewTrust?: RenewTrust): Transport {
  const { requestTimeoutMs, proxy } = options;
  const connections = createConnections(options);
  const transport = { connections, proxyFor: createProxyChoice(proxy, process.env), requestTimeoutMs };
  return {
    async send(request, read, signal) {
      const first = await attempt(transport, request, read, signal);
      if (!('error' in first)) return first;
      // With the application's certificates the request may come through at once, and nobody need hear of this.
      const mayBeTrusted = request.tls?.ca === undefined || connections.isOfProxy(first.error);
      const canRenew = renewTrust !== undefined && mayBeTrusted && isUntrusted(first.error);
      if (!canRenew || !(await renewTrust())) return first.outcome;
      const second = await attempt(transport, request, read, signal);
      return 'error' in second ? second.outcome : second;
    },
    close: () => connections.close(),
  };
}

/** How a request gets to its server. */
interface Road {
  readonly dispatcher: Dispatcher;
  readonly origin: string;
  readonly path: string;
  readonly headers: Record<string, string>;
}

interface Failed {
  readonly error: unknown;
  readonly outcome: ExportOutcome;
}

async function attempt(
  { connections, proxyFor, requestTimeoutMs }: HttpTransport,
  request: TransportRequest,
  read: ReadOutcome,
  signal?: AbortSignal,
): Promise<ExportOutcome | Failed> {
  const timeoutMs = requestTimeoutMs + (request.extraTimeMs ?? 0);
  let proxy: HttpProxy | undefined;
  try {
    const url = new URL(request.url);
    const choice = proxyFor(url);
    if (choice !== undefined && 'fault' in choice) {
      return { kind: 'retryable', reason: choice.fault, misconfigured: true };
    }
    proxy = choice;
    if (request.guard !== undefined) await expectAllowed(url, request.guard, proxy !== undefined);
    const { dispatcher, origin, path, headers } = roadTo(url, request, proxy, connections);
    // The time-outs of the connections each begin anew; the signal bounds the attempt as a whole.
    const response = await requestOf.call(dispatcher, {
      origin,
      path,
      method: request.method,
      headers,
      // An iterable, which the types do not know; another attempt iterates over it again.
      body: (request.body.length === 1 ? request.body[0] : request.body) as Uint8Array,
      headersTimeout: timeoutMs,
      signal: signal === undefined ? abortAfter(timeoutMs) : AbortSignal.any([abortAfter(timeoutMs), signal]),
    });
    const body = await readBody(response);
    const { statusCode: status } = response;
    if (proxy !== undefined && status === 407)
      return refusalOfProxy(status, proxy, request.calledHost ?? url.host);
    const answer = decodeContent({ status, headers: response.headers, body });
    const { authorization } = proxy ?? {};
    noteHeaders(answer, { ...request.headers, ...headers, 'proxy-authorization': authorization });
    return read(answer);
  } catch (error) {
    if (error instanceof RefusedAddress) return { kind: 'failure', reason: error.message };
    const isOfProxy = proxy !== undefined && (isPlain(request.url) || connections.isOfProxy(error));
    const onTheWay = proxy && { ...proxy, isAtFault: isOfProxy };
    const outcome = networkFault(error, request, timeoutMs, onTheWay);
    if (!NEVER_SENT.has((error as { code?: string }).code ?? '')) return { error, outcome };
    return { kind: 'failure', reason: outcome.reason };
  }
}

function roadTo(
  url: URL,
  request: TransportRequest,
  proxy: HttpProxy | undefined,
  connections: Connections,
): Road {
  const { origin, pathname, search } = url;
  const path = pathname + search;
  const headers = headersOf(request);
  if (proxy === undefined) {
    const { guard, tls } = request;
    const dispatcher =
      guard === undefined ? connections.direct(tls) : connections.guarded(guard, portOf(url));
    return { dispatcher, origin, path, headers };
  }
  const own = Object.keys(headers).find((name) => name.toLowerCase() === 'proxy-authorization');
  const authorization = proxy.authorization ?? (own && headers[own]);
  if (own !== undefined) delete headers[own];
  if (url.protocol === 'https:') {
    return { dispatcher: connections.tunnelled(proxy, authorization, request.tls), origin, path, headers };
  }
  // Proxies refuse tunnels to ports other than 443 by default: here they are asked as for a page, and see the request.
  return {
    dispatcher: connections.direct(undefined),
    origin: proxy.origin,
    path: origin + path,
    headers: {
      ...(!Object.keys(headers).some((name) => name.toLowerCase() === 'host') && { host: url.host }),
      ...headers,
      ...(authorization !== undefined && { 'proxy-authorization': authorization }),
    },
  };
}

function isPlain(url: string): boolean {
  return /^http:/i.test(url);
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
async function readBody({ statusCode, body }: Dispatcher.ResponseData<unknown>): Promise<Buffer> {
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
