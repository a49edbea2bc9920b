/** What went wrong beneath HTTP, in words: an error's own say little (`fetch failed`, `other side closed`). */

export interface NetworkFault {
  /** Names the host, never the address: what stands in its query may be a secret. */
  readonly reason: string;
  /** Whether somebody has to put something right. */
  readonly misconfigured: boolean;
}

/**
 * Codes of Node.js, OpenSSL and undici, and what they mean for the host that was asked. The first match counts.
 * Certificates are tried on, as clocks are set and certificates renewed, but not while somebody waits.
 */
const FAULTS: readonly (readonly [RegExp, (host: string, hostname: string) => string, 'misconfigured'?])[] = [
  [/^(ENOTFOUND|EAI_)/, (_, name) => `the name ${name} cannot be resolved`],
  [/^ECONNREFUSED$/, (host) => `${host} refuses connections`],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET|ECONNABORTED)$/, (host) => `${host} has cut the connection`],
  [/^(EHOST|ENET|EADDRNOTAVAIL|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)/, (host) => `${host} cannot be reached`],
  [
    /^HTTPParserError$|^HPE_|^UND_ERR_RES_CONTENT_LENGTH_MISMATCH$/,
    (host) => `what ${host} answers is not HTTP`,
  ],
  // What a server says in TLS 1.2; in 1.3 the connection is established by then, and only seen to be cut.
  [
    /ALERT_HANDSHAKE_FAILURE$/,
    (host) => `${host} breaks off the handshake of TLS: does it want a certificate of this client?`,
    'misconfigured',
  ],
  [
    /ALERT_(.*CERT|UNKNOWN_CA)/,
    (host) => `${host} does not take the certificate of this client`,
    'misconfigured',
  ],
  [/CERT|LEAF_SIGNATURE|ALTNAME/, (host) => `the certificate of ${host} is not trusted`, 'misconfigured'],
  [/^(ERR_SSL|EPROTO)/, (host) => `${host} does not speak TLS (is https right for it?)`, 'misconfigured'],
];

export function networkFault(error: unknown, url: string, timeoutMs: number): NetworkFault {
  const { name, code, message, errors } = error as {
    name?: string;
    code?: string;
    message?: string;
    errors?: { code?: string }[];
  };
  const { host, hostname } = URL.canParse(url) ? new URL(url) : { host: 'the server', hostname: '' };
  if (name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    return { reason: `no answer within ${timeoutMs} ms from ${host}`, misconfigured: false };
  }
  // undici's parser gives a code only now and then.
  const known = code ?? errors?.[0]?.code ?? (name === 'HTTPParserError' ? name : '');
  const [, inWords, misconfigured] = FAULTS.find(([codes]) => codes.test(known)) ?? [];
  const detail = [known, message].filter(Boolean).join(': ') || 'unknown network error';
  const reason = inWords ? `${inWords(host, hostname)} (${detail})` : detail;
  return { reason, misconfigured: misconfigured !== undefined };
}
