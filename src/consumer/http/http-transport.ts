/** The HTTP transport: one attempt of one request, with undici, directly to the server or through a proxy. */
import type { Dispatcher } from 'undici';
import type { ExportOutcome } from '../../shared/contract/exporter.js';
import type { ProxySetting } from '../../shared/proxy-url.js';
import { abortAfter } from '../../shared/runtime/real-time.js';
import { noteHeaders } from '../../shared/untrusted-text/sent-headers.js';
import type { HttpRequest, ReadOutcome, Transport } from '../transport/transport.js';
import { type ConnectionLimits, type Connections, createConnections } from './connections.js';
import { decodeContent } from './content-coding.js';
import { expectAllowed, portOf, RefusedAddress } from './guarded-lookup.js';
import { request as requestOf } from './http-client.js';
import { networkFault, refusalOfProxy } from './network-fault.js';
import { type ChooseProxy, createProxyChoice, type HttpProxy } from './proxies.js';
import { isUntrusted, type RenewTrust } from './trust.js';

interface HttpTransportOptions extends ConnectionLimits {
  readonly proxy?: ProxySetting | undefined;
}

/** Enough for a 207 response with a status for each of thousands of events. Longer bodies are cut. */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

/** Errors of the request itself (its URL or a header): another attempt would fail as well. */
const NEVER_SENT = new Set(['UND_ERR_INVALID_ARG', 'ERR_INVALID_URL']);

interface HttpTransport {
  readonly connections: Connections;
  readonly proxyFor: ChooseProxy;
  readonly requestTimeoutMs: number;
}

export function createHttpTransport(
  options: HttpTransportOptions,
  renewTrust?: RenewTrust,
): Transport<HttpRequest> {
  const { requestTimeoutMs, proxy } = options;
  const connections = createConnections(options);
  const transport = { connections, proxyFor: createProxyChoice(proxy, process.env), requestTimeoutMs };
  return {
    async send(request, read, signal) {
      const first = await attempt(transport, request, read, signal);
      if (!('error' in first)) return first;
      // With the certificates of the application the request may succeed at once, without a warning.
      const mayBeTrusted = request.tls?.ca === undefined || connections.isOfProxy(first.error);
      const canRenew = renewTrust !== undefined && mayBeTrusted && isUntrusted(first.error);
      if (!canRenew || !(await renewTrust())) return first.outcome;
      const second = await attempt(transport, request, read, signal);
      return 'error' in second ? second.outcome : second;
    },
    close: () => connections.close(),
  };
}

/** How a request reaches its server. */
interface Route {
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
  request: HttpRequest,
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
    const { dispatcher, origin, path, headers } = routeTo(url, request, proxy, connections);
    // The connection's time-outs start anew for headers and body; the signal bounds the whole attempt.
    const response = await requestOf.call(dispatcher, {
      origin,
      path,
      method: request.method,
      headers,
      // undici takes an iterable, which its types do not say. Another attempt iterates over it again.
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

function routeTo(
  url: URL,
  request: HttpRequest,
  proxy: HttpProxy | undefined,
  connections: Connections,
): Route {
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
  // By default proxies refuse tunnels to other ports than 443. Plain HTTP is therefore forwarded, and the proxy sees the request.
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

/** Sets the content length of the body that is sent: the exporter may have set that of the uncompressed body. */
function headersOf({ headers, body }: HttpRequest): Record<string, string> {
  const length = body.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-length');
  return { ...Object.fromEntries(others), 'content-length': String(length) };
}

/**
 * Reads as much of the body as is needed and discards the rest, so that the connection is free again. If the status is a success,
 * the server has accepted the events: a body that breaks off is used as it is, since the events must not be sent again.
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
