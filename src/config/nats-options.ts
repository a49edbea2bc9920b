/** Resolves the option `nats`. What cannot be used is a fault: the data was meant for this stream, and goes nowhere else. */
import type { NatsOptions, NatsTarget } from '../shared/contract/nats-options.js';
import { show } from '../shared/untrusted-text/show.js';
import {
  addressesOf,
  givenParts,
  hasCertificates,
  isCount,
  isFlag,
  isShortText,
  isTlsOption,
  serverUrls,
  wrongPart,
} from './connection-parts.js';

const DEFAULT_PORT = 4222;
const DEFAULT_STREAM = 'tailrace';
const DEFAULTS = {
  shards: 1,
  create: true,
  maxBytes: 1024 ** 3,
  full: 'refuse',
  storage: 'file',
  replicas: 1,
} as const;
const DEFAULT_DUPLICATE_WINDOW_S = 120;
const MAX_DUPLICATE_WINDOW_S = 86_400;
const NAMES: readonly string[] = [
  ...['url', 'credentials', 'nkey', 'stream', 'subject', 'shards', 'create', 'maxBytes', 'full'],
  ...['duplicateWindow', 'storage', 'replicas', 'producer', 'tls'],
];
const PROTOCOLS = ['nats:', 'tls:'];
const STREAM_NAME = /^[\w-]{1,100}$/;
/** Parts between dots, without wildcards. */
const SUBJECT = /^[\w-]+(\.[\w-]+)*$/;

type Resolved = NatsTarget | { readonly fault: string };

/** A fault names the part, and never shows an address, a seed or credentials. */
export function resolveNats(value: unknown): Resolved {
  if (typeof value !== 'object' || value === null) {
    return { fault: `option nats must be {url, …}, but got: ${show(value)}` };
  }
  const unknown = Object.keys(value).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) return { fault: `option nats has no ${show(unknown)}` };
  const options = value as Record<keyof NatsOptions, unknown>;
  const { credentials, nkey, stream, subject, shards, create, maxBytes, full } = options;
  const { duplicateWindow, storage, replicas, producer, tls } = options;
  const urls = serverUrls(options.url, PROTOCOLS);
  if (urls === undefined) {
    return { fault: 'option nats.url must be nats://… or tls://…, or an array of them' };
  }
  const [first] = urls;
  if (!urls.every(({ protocol }) => protocol === first.protocol)) {
    return { fault: 'option nats.url must have one protocol, nats: or tls:, in all addresses' };
  }
  if (!urls.every(({ pathname }) => pathname === '' || pathname === '/')) {
    return { fault: 'option nats.url must end with the host or the port' };
  }
  const must = (name: string, part: unknown, isRight: boolean, what: string) =>
    wrongPart(`nats.${name}`, part, isRight, what);
  const wrong =
    // Values that may be secrets are not shown.
    (isSecret(credentials) ? undefined : 'option nats.credentials must be a path or a text') ??
    (isSecret(nkey) ? undefined : 'option nats.nkey must be a seed or a path') ??
    must('stream', stream, isMatch(stream, STREAM_NAME), 'a name of letters, digits, - and _') ??
    must('subject', subject, isMatch(subject, SUBJECT), 'names with dots between them') ??
    must('shards', shards, isCount(shards, 1, 1024), 'a whole number from 1 to 1024') ??
    must('create', create, isFlag(create), 'true or false') ??
    must('maxBytes', maxBytes, isCount(maxBytes, 1, 2 ** 50), 'a whole number of bytes, 1 or more') ??
    must('full', full, full === 'refuse' || full === 'trim', "'refuse' or 'trim'") ??
    must(
      'duplicateWindow',
      duplicateWindow,
      isCount(duplicateWindow, 1, MAX_DUPLICATE_WINDOW_S),
      `a whole number of seconds from 1 to ${MAX_DUPLICATE_WINDOW_S}`,
    ) ??
    must('storage', storage, storage === 'file' || storage === 'memory', "'file' or 'memory'") ??
    must('replicas', replicas, isCount(replicas, 1, 5), 'a whole number from 1 to 5') ??
    must(
      'producer',
      producer,
      isShortText(producer) && !/[\r\n]/.test(String(producer)),
      'a text of one line',
    ) ??
    (isTlsOption(tls) ? undefined : 'option nats.tls must be {ca?, cert?, key?} of texts');
  if (wrong !== undefined) return { fault: wrong };
  const login = loginOf(first);
  const ways = [login.password ?? login.token, credentials, nkey].filter((one) => one != null);
  if (ways.length > 1) {
    return { fault: 'option nats has several of user, token, credentials and nkey: it must be one' };
  }
  const name = (stream as string | undefined) ?? DEFAULT_STREAM;
  return {
    addresses: addressesOf(urls, DEFAULT_PORT),
    isTls: first.protocol === 'tls:' || hasCertificates(tls),
    ...login,
    ...givenParts({ credentials, nkey, producer, tls }),
    stream: name,
    subject: name,
    ...DEFAULTS,
    ...givenParts({ subject, shards, create, maxBytes, full, storage, replicas }),
    duplicateWindowMs: 1000 * ((duplicateWindow as number | undefined) ?? DEFAULT_DUPLICATE_WINDOW_S),
  } as NatsTarget;
}

/** A name alone is a token, as in all clients of NATS. */
function loginOf({ username, password }: URL): Pick<NatsTarget, 'username' | 'password' | 'token'> {
  if (username === '') return {};
  const [name, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
  return secret === '' ? { token: name } : { username: name, password: secret };
}

function isSecret(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() !== '');
}

function isMatch(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && value.length <= 200 && pattern.test(value);
}
