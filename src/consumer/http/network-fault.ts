/** Explains faults below HTTP: the errors' own messages say little (`fetch failed`, `other side closed`). */
import { isIP } from 'node:net';
import { redactUntrusted } from '../../shared/untrusted-text/untrusted-text.js';
import type { HttpRequest } from '../transport/transport.js';
import type { HttpProxy } from './proxies.js';

interface NetworkFault {
  readonly kind: 'retryable';
  /** Names the host, never the URL: its query may hold a secret. */
  readonly reason: string;
  /** Whether it is a configuration error, which does not pass by itself. */
  readonly misconfigured: boolean;
}

/** The proxy of a request. `isAtFault`: the error happened before the proxy had a connection to the server. */
type ProxyOnTheWay = HttpProxy & { readonly isAtFault: boolean };

/**
 * Codes of Node.js, OpenSSL and undici, and what they mean for the host. The first match counts. Requests are retried after
 * certificate errors, because clocks get set and certificates renewed, but not while a shutdown waits.
 */
const FAULTS: readonly (readonly [RegExp, (host: string, hostname: string) => string, 'misconfigured'?])[] = [
  [/^(ENOTFOUND|EAI_)/, (_, name) => `the name ${name} cannot be resolved`],
  [/^ECONNREFUSED$/, (host) => `${host} refuses connections`],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET|ECONNABORTED)$/, (host) => `${host} has cut the connection`],
  [/^(EHOST|ENET|EADDRNOTAVAIL|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)/, (host) => `${host} cannot be reached`],
  [
    /^ERR_ACCESS_DENIED$/,
    (host) =>
      `this process may not connect to ${host}: Node.js runs with --permission and without --allow-net`,
    'misconfigured',
  ],
  [
    /^HTTPParserError$|^HPE_|^UND_ERR_RES_CONTENT_LENGTH_MISMATCH$/,
    (host) => `what ${host} answers is not HTTP`,
  ],
  [
    /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|UNSUPPORTED_SSL_VERSION|NO_PROTOCOLS_AVAILABLE|INAPPROPRIATE_FALLBACK|VERSION_TOO_(LOW|HIGH)/,
    (host) =>
      `${host} and this process have no version of TLS in common (Node.js takes 1.2 and 1.3; --tls-min-v1.x and --tls-max-v1.x change that)`,
    'misconfigured',
  ],
  [
    /INSUFFICIENT_SECURITY|NO_(SHARED_CIPHER|CIPHERS_AVAILABLE|SHARED_GROUP)|SIGALG|SIGNATURE_ALGORITHM|_KEY_TOO_SMALL|_MD_TOO_WEAK|UNSAFE_LEGACY_RENEGOTIATION/,
    (host) => `${host} and this process have no TLS of the same strength in common (ciphers, keys)`,
    'misconfigured',
  ],
  [/UNRECOGNIZED_NAME/, (host, name) => `${host} has no certificate for the name ${name}`, 'misconfigured'],
  // Servers send this with TLS 1.2. With TLS 1.3 the connection is established by then and is only cut.
  [
    /ALERT_HANDSHAKE_FAILURE$/,
    (host) =>
      `${host} breaks off the handshake of TLS: does it want a certificate of this client? Or is there no cipher in common?`,
    'misconfigured',
  ],
  [
    /ALERT_(.*CERT|UNKNOWN_CA)/,
    (host) => `${host} does not take the certificate of this client`,
    'misconfigured',
  ],
  // UND_ERR_PRX_TLS: the certificate of a proxy is for another name.
  [
    /CERT|LEAF_SIGNATURE|ALTNAME|UND_ERR_PRX_TLS/,
    (host) => `the certificate of ${host} is not trusted`,
    'misconfigured',
  ],
  [/WRONG_VERSION_NUMBER/, (host) => `${host} does not speak TLS (is https right for it?)`, 'misconfigured'],
  [/^(ERR_SSL|EPROTO)/, (host) => `the handshake of TLS with ${host} fails`, 'misconfigured'],
];

/** The message of undici's error if a proxy refuses the tunnel, which has no code of its own. */
const REFUSED_TUNNEL = /^Proxy response \((\d{3})\)/;

export function networkFault(
  error: unknown,
  { url, calledHost }: Pick<HttpRequest, 'url' | 'calledHost'>,
  timeoutMs: number,
  proxy?: ProxyOnTheWay,
): NetworkFault {
  const { name, code, message, errors } = error as Fault;
  const server = serverOf(url, calledHost);
  const refusedWith = proxy && REFUSED_TUNNEL.exec(message ?? '')?.[1];
  if (proxy && refusedWith) return refusalOfProxy(Number(refusedWith), proxy, server.host);
  const who = proxy ? peerBehind(proxy, server, code) : server;
  if (name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    const reason = `no answer within ${timeoutMs} ms from ${who.host}`;
    return { kind: 'retryable', reason, misconfigured: false };
  }
  // Only some errors of undici's parser have a code.
  const known = codeOf(code ?? errors?.[0]?.code ?? (name === 'HTTPParserError' ? name : ''));
  const [, describe, misconfigured] = FAULTS.find(([codes]) => codes.test(known)) ?? [];
  const text = redactUntrusted(message ?? '', undefined, [
    known,
    who.host,
    who.hostname,
    server.host,
    server.hostname,
    // If the server chose the name, the address that it resolves to is text from outside as well.
    calledHost === undefined ? addressOf(error as Fault) : '',
  ]);
  const detail = [known, text].filter(Boolean).join(': ') || 'unknown network error';
  const reason = describe ? `${describe(who.host, who.hostname)} (${detail})` : detail;
  return { kind: 'retryable', reason, misconfigured: misconfigured !== undefined };
}

function serverOf(url: string, calledHost: string | undefined): { host: string; hostname: string } {
  if (calledHost !== undefined) return { host: calledHost, hostname: calledHost };
  return URL.canParse(url) ? new URL(url) : { host: 'the server', hostname: '' };
}

interface Fault {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly address?: string;
  readonly port?: number;
  readonly errors?: readonly { readonly code?: string }[];
}

/** A code of Node.js, OpenSSL or undici: no text from outside. */
function codeOf(code: unknown): string {
  return typeof code === 'string' && /^\w{1,80}$/.test(code) ? code : '';
}

/** The address that the host's name was resolved to. */
function addressOf({ address, port }: Fault): string {
  return isIP(address ?? '') ? `${address}:${Number(port)}` : '';
}

/** The fault if a proxy wants credentials, forbids the server, or cannot reach it. */
export function refusalOfProxy(status: number, proxy: HttpProxy, host: string): NetworkFault {
  const who = named(proxy);
  if (status === 407) {
    const reason = `${who} ${proxy.authorization === undefined ? 'wants a user and a password, in its URL' : 'does not take the user and password of its URL'} (HTTP 407)`;
    return { kind: 'retryable', reason, misconfigured: true };
  }
  const passes = status >= 500 || status === 408 || status === 429;
  const reason = passes
    ? `${who} cannot connect to ${host} (HTTP ${status})`
    : `${who} lets nothing through to ${host} (HTTP ${status})`;
  return { kind: 'retryable', reason, misconfigured: !passes };
}

function peerBehind(
  proxy: ProxyOnTheWay,
  server: { readonly host: string; readonly hostname: string },
  code: string | undefined,
): { host: string; hostname: string } {
  if (proxy.isAtFault || code === 'UND_ERR_PRX_TLS') return { host: named(proxy), hostname: proxy.hostname };
  return { host: `${server.host}, through ${named(proxy)},`, hostname: server.hostname };
}

function named({ host, source }: HttpProxy): string {
  return `the proxy ${host} (${source})`;
}
