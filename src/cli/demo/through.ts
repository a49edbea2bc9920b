/**
 * The way of a demo's traces through Redis: a client that adds them to a stream, and a forwarder that brings them from there to the local
 * server, as `tailrace forward` does. The stream is the demo's own: entries of other programs stay where they are.
 */
import { resolveRedis } from '../../config/redis-options.js';
import { defaultNumber } from '../../config/table/table.js';
import { isInstalled, PACKAGE } from '../../exporters/redis/client.js';
import { PackageMissing } from '../../exporters/streams/faults.js';
import { type Lag, SourceFault } from '../../forward/contract.js';
import { createForwarder } from '../../forward/forwarder.js';
import { openRedisSource } from '../../forward/redis/open.js';
import { createLangfuse } from '../../forward/targets/create.js';
import { Tailrace } from '../../index.js';
import type { RedisTarget } from '../../shared/contract/redis-options.js';
import { sleep } from '../../shared/runtime/real-time.js';
import { UsageError } from '../arguments.js';
import {
  DEFAULT_GROUP,
  DEFAULT_IN_FLIGHT,
  DEFAULT_MAX_ATTEMPTS,
  DEFAULT_MAX_DEAD,
} from '../forward/arguments.js';
import { tellNews } from '../forward/command.js';
import { ANY_KEYS } from '../sample/local-client.js';

export const DEMO_STREAM = 'tailrace-demo';
/** Entries of a demo that was killed come to the next one after this time, which waits for them. */
const CLAIM_AFTER_MS = 2_000;
/** Between two looks at the stream. */
const LOOK_MS = 20;

export interface Through {
  /** Without user and password. */
  readonly url: string;
  /** Adds to the stream. */
  createClient(): Tailrace;
  /** Starts the forwarder. Resolves when all that an earlier demo has left is delivered. Rejects if Redis cannot be used. */
  forwardTo(receiverUrl: string, warn: (text: string) => void, interrupt: AbortSignal): Promise<void>;
  /** Resolves when the stream is empty, or at the interrupt. */
  delivered(interrupt: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** @throws UsageError if the address cannot be used, PackageMissing without the client for it. */
export function openThrough(url: string): Through {
  const redis = targetOf(url);
  if (!isInstalled()) throw new PackageMissing([PACKAGE]);
  const stop = new AbortController();
  let sayOnce: (topic: string, text: string) => void = () => {};
  const source = openRedisSource({
    redis,
    group: DEFAULT_GROUP,
    claimAfterMs: CLAIM_AFTER_MS,
    maxDead: DEFAULT_MAX_DEAD,
    sayOnce: (topic, text) => sayOnce(topic, text),
  });
  let running: Promise<void> | undefined;

  async function delivered(interrupt: AbortSignal): Promise<void> {
    while (!interrupt.aborted) {
      const lag = await source.lag().catch((error: unknown): Lag | undefined => {
        // The forwarder says what is wrong, and waits as well.
        if (error instanceof SourceFault) return undefined;
        throw error;
      });
      if (lag?.streams.every(({ entries }) => entries === 0)) return;
      await sleep(LOOK_MS);
    }
  }

  return {
    url: source.url,

    createClient: () =>
      new Tailrace({
        exporter: 'redis',
        redis: { url, stream: DEMO_STREAM },
        environment: 'demo',
        enabled: true,
        sampleRate: 1,
      }),

    async forwardTo(receiverUrl, warn, interrupt) {
      // Somebody who has just begun reads here that Redis does not run, in place of a demo that waits for it.
      await source.lag().catch((error: unknown) => {
        throw error instanceof SourceFault ? new Error(`--through ${source.url}: ${error.message}`) : error;
      });
      const said = new Set<string>();
      sayOnce = (topic, text) => {
        if (!said.has(topic)) warn(text);
        said.add(topic);
      };
      const target = createLangfuse(
        { baseUrl: receiverUrl, ...ANY_KEYS },
        {
          requestTimeoutMs: defaultNumber('engine', 'requestTimeoutMs'),
          maxInFlight: DEFAULT_IN_FLIGHT,
          proxy: false,
        },
        sayOnce,
      );
      const onNews = tellNews(warn, source.url, target.url);
      const forwarder = createForwarder({
        source,
        target,
        inFlight: DEFAULT_IN_FLIGHT,
        claimAfterMs: CLAIM_AFTER_MS,
        maxAttempts: DEFAULT_MAX_ATTEMPTS,
        onNews,
      });
      running = forwarder.run(stop.signal);
      await delivered(interrupt);
    },

    delivered,

    async close() {
      stop.abort();
      await (running ?? source.close());
    },
  };
}

function targetOf(url: string): RedisTarget {
  const target = resolveRedis({ url, stream: DEMO_STREAM });
  if ('fault' in target) throw new UsageError(target.fault.replace('option redis.url', '--through'));
  return target;
}
