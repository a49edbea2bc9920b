/** What the errors of Redis mean for a batch. */
import {
  classOf,
  codeOf,
  type Fault,
  type Meaning,
  meaningOfCode,
  outcomeOfMissing,
  type Retryable,
  retryable,
} from '../streams/faults.js';

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

/** Errors `ERR` have no word of their own: how they begin, which is the same in all versions. */
const OF_PLAIN_ERRORS: readonly (readonly [RegExp, Meaning])[] = [
  [
    /^ERR (AUTH <password> called without|Client sent AUTH, but no password)/,
    { text: 'has no password, and does not take the one that is given', misconfigured: true },
  ],
  [
    /^ERR (DB index is out of range|invalid DB index|SELECT is not allowed)/,
    { text: 'does not have the database that the address names', misconfigured: true },
  ],
  [/^ERR unknown command/, { text: 'does not know a command that is needed', misconfigured: true }],
  [/^ERR max number of clients/, { text: 'takes no more connections' }],
];

/** A replica may have been the master: the name of the server may lead elsewhere by now. */
const OF_ANOTHER_SERVER = ['READONLY', 'NOAUTH', 'WRONGPASS'];

/** Without an answer of the server the connection is of no use any more. */
export function readFault(error: unknown, host: string): Fault {
  const reply = replyCode(error);
  return {
    outcome: outcomeOfFault(error, host),
    isBroken: reply === undefined || OF_ANOTHER_SERVER.includes(reply),
  };
}

export function outcomeOfFault(error: unknown, host: string): Retryable {
  const missing = outcomeOfMissing(error);
  if (missing !== undefined) return missing;
  const reply = replyCode(error);
  const code = reply ?? codeOf(error);
  return retryable(
    `redis ${host}`,
    code,
    reply === undefined ? meaningOfCode(code) : (OF_REPLIES[reply] ?? meaningOfPlain(error as Error)),
  );
}

function meaningOfPlain({ message }: Error): Meaning | undefined {
  return OF_PLAIN_ERRORS.find(([texts]) => texts.test(message))?.[1];
}

/** The first word of an error that the server sent. */
export function replyCode(error: unknown): string | undefined {
  if (!/^(ErrorReply|SimpleError|BlobError)$/.test(classOf(error))) return undefined;
  return /^[A-Z]{2,20}\b/.exec((error as Error).message)?.[0] ?? 'ERR';
}
