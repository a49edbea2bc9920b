/** `tailrace dev`: the local receiver alone, until Ctrl-C. */
import { isLoopback } from '../receiver/http/access.js';
import { type Receiver, type ReceiverOptions, startReceiver } from '../receiver/receiver.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import type { DevOptions } from './arguments.js';
import { type Arrivals, watchArrivals } from './arrivals.js';
import { openBrowser } from './browser.js';
import { readPriceFile } from './files.js';
import { greeting } from './greeting.js';
import { type Io, interrupted, printLine } from './io.js';
import { loadSample } from './sample/load-sample.js';
import { writeServerFile } from './server-file.js';
import { storeTarget } from './store-url.js';
import { createPaint } from './terminal.js';

const MEBIBYTE = 1024 * 1024;

/** Resolves to the exit code; rejects if the receiver cannot start. */
export async function runDev(options: DevOptions, io: Io): Promise<number> {
  const warn = (line: string) => printLine(io.stderr, `tailrace: ${line}`);
  const failures = createFailureReporter(warn);
  let arrivals: Arrivals | undefined;
  const keys = keysOf(options, io.env);
  const receiver: Receiver = await startReceiver({
    host: options.host,
    port: options.port,
    keys,
    ...(options.store === undefined
      ? { dataDir: options.dataDir, maxBytes: options.maxMib * MEBIBYTE, retentionMs: options.retentionMs }
      : { clickhouse: storeTarget(options.store, io.env) }),
    prices: readPriceFile(options.priceFile),
    strict: options.strict,
    writesInThread: true,
    onCommit(changes) {
      failures.ended();
      arrivals?.add(changes);
    },
    onFailure: (message) => failures.began(message),
    onWarning: warn,
    loadSample: () => loadSample(receiver.url, keys),
  });
  const remove = options.dataDir === undefined ? undefined : announce(options.dataDir, receiver, warn);
  for (const line of greeting(receiver, options, keys, createPaint(io.stdout, io.env))) {
    printLine(io.stdout, line);
  }
  if (!options.quiet) arrivals = watchArrivals(receiver.url, (line) => printLine(io.stdout, line));
  if (options.open) openBrowser(receiver.url, warn);
  await interrupted(io);
  remove?.();
  await receiver.close();
  arrivals?.close();
  return 0;
}

/** So that other commands find this server. Returns how to take it back. */
function announce(
  dataDir: string,
  receiver: Receiver,
  warn: (line: string) => void,
): (() => void) | undefined {
  try {
    return writeServerFile(dataDir, receiver);
  } catch (error) {
    warn(`other commands cannot find this server by its folder: ${messageOf(error)}`);
    return undefined;
  }
}

/** The environment has keys for many purposes: they count only if other machines can connect. */
function keysOf({ host, publicKey, secretKey }: DevOptions, env: Io['env']): ReceiverOptions['keys'] {
  const isGiven = publicKey !== undefined || secretKey !== undefined;
  if (!isGiven && (host === undefined || isLoopback(host))) return undefined;
  const pair = {
    publicKey: publicKey ?? env.LANGFUSE_PUBLIC_KEY ?? '',
    secretKey: secretKey ?? env.LANGFUSE_SECRET_KEY ?? '',
  };
  // Without any key the receiver says how to give them. A key that is given as an empty text is a mistake of its own.
  return !isGiven && pair.publicKey === '' && pair.secretKey === '' ? undefined : pair;
}

/** Reports storage failures once, and the recovery once: clients retry many times. */
function createFailureReporter(warn: (message: string) => void) {
  let isReported = false;
  return {
    began(message: string) {
      if (!isReported) warn(`received data cannot be stored, clients will retry: ${message}`);
      isReported = true;
    },
    ended() {
      if (isReported) warn('received data is stored again');
      isReported = false;
    },
  };
}
