/** What the errors of the server and of the connection mean for a batch. Messages hold none of their texts: these repeat commands. */
import type { ExportOutcome } from '../../shared/contract/exporter.js';
import { PackageMissing } from './client.js';

interface Meaning {
  readonly text: string;
  readonly misconfigured?: boolean;
}

/** By the first word of the server's error. */
const OF_REPLIES: Readonly<Record<string, Meaning>> = {
  NOAUTH: { text: 'wants a user and a password', misconfigured: true },
  WRONGPASS: { text: 'does not take the user and password', misconfigured: true },
  NOPERM: {
    text: 'does not let this user run a command on the stream that is needed (ACL)',
    misconfigured: true,
  },
  WRONGTYPE: { text: 'has something else than a stream under its key', misconfigured: true },
  OOM: { text: 'has no memory left (maxmemory)' },
  READONLY: { text: 'is a replica, which takes no writes' },
  MISCONF: { text: 'cannot write to its disk, and takes no writes' },
  NOREPLICAS: { text: 'has too few replicas, and takes no writes' },
  LOADING: { text: 'is starting' },
  MASTERDOWN: { text: 'has no connection to its master' },
  CLUSTERDOWN: { text: 'is a cluster that is down' },
  TRYAGAIN: { text: 'is a cluster that moves slots' },
  BUSY: { text: 'is busy with a script' },
  UNKILLABLE: { text: 'is busy with a script' },
};

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

/** Whether the server has answered: otherwise the connection is of no use any more. */
export function isReply(error: unknown): boolean {
  return replyCode(error) !== undefined;
}

/** A replica may have been the master: the name of the server may lead elsewhere by now. */
export function isMoved(error: unknown): boolean {
  return ['READONLY', 'NOAUTH', 'WRONGPASS'].includes(replyCode(error) ?? '');
}

export function outcomeOfFault(error: unknown, host: string): Extract<ExportOutcome, { kind: 'retryable' }> {
  if (error instanceof PackageMissing) {
    return { kind: 'retryable', reason: `${error.message} (its events wait)`, misconfigured: true };
  }
  const reply = replyCode(error);
  const code = reply ?? codeOf(error);
  const { text, misconfigured = false } =
    (reply === undefined ? OF_CONNECTIONS.find(([codes]) => codes.test(code))?.[1] : OF_REPLIES[reply]) ??
    UNKNOWN;
  return { kind: 'retryable', reason: `redis ${host} ${text} (${code})`, misconfigured };
}

const UNKNOWN: Meaning = { text: 'does not take the batch' };

/** The first word of an error that the server sent. */
function replyCode(error: unknown): string | undefined {
  if (!/^(ErrorReply|SimpleError|BlobError)$/.test(classOf(error))) return undefined;
  return /^[A-Z]{2,20}\b/.exec((error as Error).message)?.[0] ?? 'ERR';
}

/** A code of Node.js or OpenSSL, or else the name of the error's class: no text from outside. */
function codeOf(error: unknown): string {
  const { code, errors } = Object(error) as NodeJS.ErrnoException & {
    readonly errors?: readonly NodeJS.ErrnoException[];
  };
  const known = [code, errors?.[0]?.code, classOf(error)].find(
    (one) => typeof one === 'string' && /^\w{1,80}$/.test(one) && one !== 'Error',
  );
  return known ?? 'unknown error';
}

function classOf(error: unknown): string {
  return String((error as Error | undefined)?.constructor?.name);
}
