/** How a command reaches a store: by URL; by the server that runs on a folder; else by a server of its own on that folder. */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type ReceiverOptions, startReceiver } from '../receiver/receiver.js';
import { DATABASE_FILE_NAME } from '../receiver/store/open-store.js';
import type { AccessOptions } from './arguments.js';
import { fileProblem } from './files.js';
import type { Io } from './io.js';
import { isProcessAlive, type RunningServer, readServerFile } from './server-file.js';
import { requestServer } from './server-request.js';
import { storeTarget } from './store-url.js';

export interface ServerAccess {
  /** Without a slash at its end. */
  readonly url: string;
  /** `langfuse`: it has Langfuse's public API only, and none of the page's paths. */
  readonly kind: 'tailrace' | 'langfuse';
  /** The header `Authorization` of each request. */
  readonly authorization: string;
  /** For people: `the server at URL`, `the folder DIR`. */
  readonly place: string;
  /** Ends the command's own server, if there is one. Can be called again. */
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly warn: (message: string) => void;
  /** Make a folder or a database that is missing, for commands that write. @default false */
  readonly create?: boolean;
}

interface Keys {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** What a server says of itself before it has seen any keys. */
interface Identity {
  readonly kind: ServerAccess['kind'];
  readonly demandsKeys: boolean;
  readonly instance?: string;
}

/** A server of this machine answers at once. */
const LOCAL_TIMEOUT_MS = 2_000;
const REMOTE_TIMEOUT_MS = 15_000;
/** Answers to these questions have some hundred bytes; of a Langfuse server's projects some kilobytes. */
const MAX_ANSWER_BYTES = 1024 * 1024;
const GIVE_KEYS = 'give --public-key and --secret-key, or set LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY';
const OTHER_PLACES = 'name another folder with --data, or a server with --url';

/** Rejects with an Error that says what to do. */
export async function openServer(
  options: AccessOptions,
  env: Io['env'],
  { warn, create = false }: OpenOptions,
): Promise<ServerAccess> {
  const running = await openRunning(options, env, { warn });
  if (running !== undefined) return running;
  if (!create) requireDatabase(options.dataDir);
  return startOwn({ dataDir: options.dataDir }, `the folder ${options.dataDir}`, warn);
}

/** A server that runs already, or one of its own on a shared store. Undefined: none runs on the folder; rejects if that of a URL does not answer. */
export async function openRunning(
  options: AccessOptions,
  env: Io['env'],
  { warn }: Pick<OpenOptions, 'warn'>,
): Promise<ServerAccess | undefined> {
  if (options.store !== undefined) {
    const clickhouse = storeTarget(options.store, env);
    return startOwn({ clickhouse }, `ClickHouse at ${new URL(clickhouse.url).host}`, warn);
  }
  const keys = keysOf(options, env);
  if (options.url !== undefined) return openUrl(options.url, keys);
  const { dataDir } = options;
  const running = readServerFile(dataDir);
  const isRunning = running !== undefined && (await isStillRunning(running, dataDir, warn));
  return isRunning ? openUrl(running.url, keys, LOCAL_TIMEOUT_MS) : undefined;
}

/** Keys of the environment count as a pair only. */
function keysOf({ publicKey, secretKey }: AccessOptions, env: Io['env']): Keys | undefined {
  const pair = {
    publicKey: publicKey ?? env.LANGFUSE_PUBLIC_KEY ?? '',
    secretKey: secretKey ?? env.LANGFUSE_SECRET_KEY ?? '',
  };
  return pair.publicKey === '' || pair.secretKey === '' ? undefined : pair;
}

async function openUrl(
  url: string,
  keys: Keys | undefined,
  timeoutMs = REMOTE_TIMEOUT_MS,
): Promise<ServerAccess> {
  const { kind, demandsKeys } = await identify(url, timeoutMs);
  if (demandsKeys && keys === undefined) throw new Error(`the server at ${url} demands keys: ${GIVE_KEYS}`);
  // Secrets go only where they are needed.
  const authorization = authorizationOf(demandsKeys && keys !== undefined ? keys : ANY_KEYS);
  if (demandsKeys) await requireAccess(url, authorization, timeoutMs);
  return { url, kind, authorization, place: `the server at ${url}`, close: async () => {} };
}

const ANY_KEYS: Keys = { publicKey: 'pk-lf-local', secretKey: 'sk-lf-local' };

function authorizationOf({ publicKey, secretKey }: Keys): string {
  return `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`;
}

async function identify(url: string, timeoutMs: number): Promise<Identity> {
  const own = await identityOf(url, timeoutMs);
  if (typeof own === 'string') throw new Error(`there is no answer from ${url}: ${own}`);
  if (own !== undefined) return own;
  const health = await requestServer(`${url}/api/public/health`, { timeoutMs, maxBytes: MAX_ANSWER_BYTES });
  if (health.kind === 'none') throw new Error(`there is no answer from ${url}: ${health.problem}`);
  const { status, version } = fieldsOf(health.text);
  if (typeof status === 'string' && typeof version === 'string') {
    return { kind: 'langfuse', demandsKeys: true };
  }
  throw new Error(
    `${url} is neither a tailrace nor a Langfuse server: /api/public/health answers with HTTP ${health.status}, which is another program's answer; check the URL`,
  );
}

/** Of a tailrace server; undefined of another one; a text says why there is no answer. */
async function identityOf(url: string, timeoutMs: number): Promise<Identity | string | undefined> {
  const path = `${url}/api/tailrace/server`;
  const answer = await requestServer(path, { timeoutMs, maxBytes: MAX_ANSWER_BYTES });
  if (answer.kind === 'none') return answer.problem;
  const { name, instance, demandsKeys } = fieldsOf(answer.text);
  if (answer.status !== 200 || name !== 'tailrace' || typeof instance !== 'string') return undefined;
  return { kind: 'tailrace', instance, demandsKeys: demandsKeys === true };
}

async function requireAccess(url: string, authorization: string, timeoutMs: number): Promise<void> {
  const path = `${url}/api/public/projects`;
  const answer = await requestServer(path, { authorization, timeoutMs, maxBytes: MAX_ANSWER_BYTES });
  if (answer.kind === 'none') throw new Error(`there is no answer from ${url}: ${answer.problem}`);
  if (answer.status === 401 || answer.status === 403) {
    throw new Error(`the server at ${url} does not accept these keys: ${GIVE_KEYS}`);
  }
  if (answer.status !== 200) {
    throw new Error(`the server at ${url} cannot check the keys: it answers with HTTP ${answer.status}`);
  }
}

function fieldsOf(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** A killed server leaves its file. By now another program may have its port, or its process's number. */
async function isStillRunning(
  { url, pid, instance }: RunningServer,
  dataDir: string,
  warn: OpenOptions['warn'],
): Promise<boolean> {
  const identity = await identityOf(url, LOCAL_TIMEOUT_MS);
  if (typeof identity === 'object') return identity.instance === instance;
  if (identity !== undefined && isProcessAlive(pid)) {
    warn(`process ${pid} serves ${dataDir} at ${url}, but ${identity}: the folder is read beside it`);
  }
  return false;
}

function requireDatabase(dataDir: string): void {
  const path = join(dataDir, DATABASE_FILE_NAME);
  const remedy = `run "tailrace dev" in this folder and send traces to it, ${OTHER_PLACES}`;
  try {
    if (!statSync(dataDir).isDirectory()) throw new Error(`${dataDir} is no folder: ${OTHER_PLACES}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Error(`there is no folder ${dataDir} with traces: ${remedy}`);
    throw code === undefined ? error : new Error(`${dataDir} cannot be read: ${fileProblem(error)}`);
  }
  try {
    statSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new Error(`the folder ${dataDir} holds no traces (no ${DATABASE_FILE_NAME}): ${remedy}`);
    }
    throw new Error(`${path} cannot be read: ${fileProblem(error)}`);
  }
}

/** No other program can use it: its keys are random. It evicts nothing. */
async function startOwn(
  store: Pick<ReceiverOptions, 'dataDir' | 'clickhouse'>,
  place: string,
  warn: OpenOptions['warn'],
): Promise<ServerAccess> {
  const keys = { publicKey: 'pk-lf-command', secretKey: randomBytes(32).toString('base64url') };
  const receiver = await startReceiver({ port: 0, ...store, keys, onWarning: warn });
  return {
    url: receiver.url,
    kind: 'tailrace',
    authorization: authorizationOf(keys),
    place,
    close: () => receiver.close(),
  };
}
