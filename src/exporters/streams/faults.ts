/** What errors of a connection mean for a batch, whatever the server is. Messages hold none of their texts: these repeat commands. */
import type { ExportOutcome } from '../../shared/contract/exporter.js';

export type Retryable = Extract<ExportOutcome, { kind: 'retryable' }>;

export interface Meaning {
  readonly text: string;
  readonly misconfigured?: boolean;
}

/** What an error was about, and whether the connection on which it came is of no use any more. */
export interface Fault {
  readonly outcome: Retryable;
  readonly isBroken: boolean;
}

export class PackageMissing extends Error {
  constructor(packages: readonly string[]) {
    super(`${notInstalled(packages)}: npm install ${packages.join(' ')}`);
  }
}

export function notInstalled(packages: readonly string[]): string {
  const names = packages.join(' and ');
  return packages.length === 1
    ? `the package ${names} is not installed`
    : `the packages ${names} are not installed`;
}

/** By code or name of the error. The first match counts. */
const OF_CONNECTIONS: readonly (readonly [RegExp, Meaning])[] = [
  [/^(ENOTFOUND|EAI_)/, { text: 'has a name that cannot be resolved' }],
  [/^ECONNREFUSED$/, { text: 'refuses connections' }],
  [
    /^(ECONNRESET|EPIPE|SocketClosedUnexpectedlyError|ClientClosedError|DisconnectsClientError)$/,
    { text: 'has cut the connection' },
  ],
  [/^(EHOST|ENET|ETIMEDOUT|ConnectionTimeoutError)/, { text: 'cannot be reached' }],
  [/CERT|ALTNAME|LEAF_SIGNATURE/, { text: 'has a certificate that is not trusted', misconfigured: true }],
  [
    /WRONG_VERSION_NUMBER|^ERR_SSL|^EPROTO/,
    { text: 'does not speak TLS as this process does', misconfigured: true },
  ],
  [
    /^ERR_ACCESS_DENIED$/,
    { text: 'is out of bounds: Node.js runs with --permission and without --allow-net', misconfigured: true },
  ],
];

export function meaningOfCode(code: string): Meaning | undefined {
  return OF_CONNECTIONS.find(([codes]) => codes.test(code))?.[1];
}

const UNKNOWN: Meaning = { text: 'does not take the batch' };

/** `server`: its kind, and its address without user and password. */
export function retryable(server: string, code: string, meaning: Meaning = UNKNOWN): Retryable {
  const { text, misconfigured = false } = meaning;
  return { kind: 'retryable', reason: `${server} ${text} (${code})`, misconfigured };
}

/** Undefined: the error is another one. */
export function outcomeOfMissing(error: unknown): Retryable | undefined {
  if (!(error instanceof PackageMissing)) return undefined;
  return { kind: 'retryable', reason: `${error.message} (its events wait)`, misconfigured: true };
}

/** A code of Node.js or OpenSSL, or else the name of the error's class: no text from outside. */
export function codeOf(error: unknown): string {
  const { code, errors, cause } = Object(error) as NodeJS.ErrnoException & {
    readonly errors?: readonly NodeJS.ErrnoException[];
  };
  const inner = Object(cause) as NodeJS.ErrnoException;
  const known = [code, errors?.[0]?.code, inner.code, classOf(error)].find(
    (one) => typeof one === 'string' && /^\w{1,80}$/.test(one) && one !== 'Error',
  );
  return known ?? 'unknown error';
}

export function classOf(error: unknown): string {
  return String((error as Error | undefined)?.constructor?.name);
}
