/** What the errors of NATS mean for a batch. */
import {
  codeOf,
  type Fault,
  type Meaning,
  meaningOfCode,
  outcomeOfMissing,
  retryable,
} from '../streams/faults.js';
import { LoginUnreadable } from './login.js';

/** By the number of JetStream's error. */
const OF_JETSTREAM: Readonly<Record<number, Meaning>> = {
  10002: { text: 'has no room left for this account' },
  10008: { text: 'is a cluster that is not ready' },
  10023: { text: 'has no room left' },
  10028: { text: 'has no memory left for the stream' },
  10039: { text: 'has no JetStream for this account', misconfigured: true },
  10047: { text: 'has no room left on its disk for the stream' },
  10060: { text: 'has another stream for the subject', misconfigured: true },
  10065: { text: 'has another stream for the subjects', misconfigured: true },
  10074: { text: 'has too few servers for the replicas', misconfigured: true },
  10076: { text: 'has no JetStream', misconfigured: true },
};
const STORE_FAILED = 10077;
const STREAM_NOT_FOUND = 10059;
const CONSUMER_NOT_FOUND = 10014;
const STREAM_EXISTS = 10058;
const MESSAGE_TOO_LARGE = 10054;
const NO_MESSAGE = 10037;

/** By the name of the error's class, of the first error in the chain of causes that is here. */
const OF_CLASSES: Readonly<Record<string, Meaning & { readonly isAnswer?: boolean }>> = {
  PermissionViolationError: {
    text: 'does not let this user use a subject that is needed (permissions)',
    misconfigured: true,
    isAnswer: true,
  },
  AuthorizationError: { text: 'does not take the user, token or credentials', misconfigured: true },
  UserAuthenticationExpiredError: {
    text: 'does not take the credentials any more: they have expired',
    misconfigured: true,
  },
  NoRespondersError: {
    text: 'has no stream for the subject, or no JetStream',
    misconfigured: true,
    isAnswer: true,
  },
  TimeoutError: { text: 'does not answer' },
  ClosedConnectionError: { text: 'has cut the connection' },
  DrainingConnectionError: { text: 'has cut the connection' },
  RequestError: { text: 'has cut the connection' },
  ConnectionError: { text: 'has cut the connection, or does not speak as a server of NATS' },
};
/** Nobody has answered a request for messages. */
export class NoResponder extends Error {}

const NO_TLS: Meaning = { text: 'does not speak TLS', misconfigured: true };

export function readFault(error: unknown, host: string): Fault {
  const server = `nats ${host}`;
  const missing = outcomeOfMissing(error);
  if (missing !== undefined) return { outcome: missing, isBroken: true };
  if (error instanceof LoginUnreadable) {
    return {
      outcome: { kind: 'retryable', reason: `${error.message} (its events wait)`, misconfigured: true },
      isBroken: true,
    };
  }
  const number = jetStreamCode(error);
  if (number !== undefined) {
    return { outcome: retryable(server, `JetStream error ${number}`, OF_JETSTREAM[number]), isBroken: false };
  }
  const chain = chainOf(error);
  if (chain.some(({ message }) => /does not support 'tls'/.test(String(message)))) {
    return { outcome: retryable(server, 'no TLS', NO_TLS), isBroken: true };
  }
  const code = chain.map(codeOf).find((one) => meaningOfCode(one) !== undefined);
  if (code !== undefined) {
    return { outcome: retryable(server, code, meaningOfCode(code)), isBroken: true };
  }
  const named = classIn(chain);
  const meaning = named === undefined ? undefined : OF_CLASSES[named];
  return {
    outcome: retryable(server, named ?? codeOf(error), meaning),
    isBroken: meaning?.isAnswer !== true,
  };
}

/** The number of an error with which JetStream has answered. */
export function jetStreamCode(error: unknown): number | undefined {
  for (const one of chainOf(error)) {
    if (/^(JetStreamApiError|StreamNotFoundError|ConsumerNotFoundError)$/.test(String(one.name))) {
      return Number((one as { code?: unknown }).code);
    }
  }
  return undefined;
}

/** The stream has reached a bound, and its policy refuses new entries. */
export function isFull(error: unknown): boolean {
  const text = chainOf(error).map(({ message }) => String(message));
  return jetStreamCode(error) === STORE_FAILED && text.some((one) => /maximum \w+ exceeded/.test(one));
}

/** Larger than the stream's own limit of a message, or the server's. */
export function isTooLarge(error: unknown): boolean {
  return (
    jetStreamCode(error) === MESSAGE_TOO_LARGE ||
    chainOf(error).some(({ message }) => /max_payload/.test(String(message)))
  );
}

/** Nobody listens on the subject: no stream has it, or the consumer is gone. */
export function hasNoResponder(error: unknown): boolean {
  return error instanceof NoResponder || classIn(chainOf(error)) === 'NoRespondersError';
}

export function isStreamMissing(error: unknown): boolean {
  return jetStreamCode(error) === STREAM_NOT_FOUND;
}

export function isConsumerMissing(error: unknown): boolean {
  return jetStreamCode(error) === CONSUMER_NOT_FOUND;
}

/** Somebody has made the stream at the same moment, with other bounds. */
export function isStreamThere(error: unknown): boolean {
  return jetStreamCode(error) === STREAM_EXISTS;
}

export function isMessageMissing(error: unknown): boolean {
  return jetStreamCode(error) === NO_MESSAGE;
}

const MAX_CAUSES = 5;

/** The error, its cause, and so on. */
function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let one = error; one instanceof Object && chain.length < MAX_CAUSES; one = (one as Error).cause) {
    chain.push(one as Error);
  }
  return chain;
}

/** The innermost class counts: a failed request has the reason as its cause. */
function classIn(chain: readonly Error[]): string | undefined {
  return chain
    .map((one) => String(one.constructor?.name))
    .filter((name) => Object.hasOwn(OF_CLASSES, name))
    .at(-1);
}
