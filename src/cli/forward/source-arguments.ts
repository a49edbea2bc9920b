/** The options of `tailrace forward` that say where batches come from: streams of Redis, or one of NATS. */
import { resolveNats } from '../../config/nats-options.js';
import { resolveRedis } from '../../config/redis-options.js';
import type { NatsTarget } from '../../shared/contract/nats-options.js';
import type { RedisTarget } from '../../shared/contract/redis-options.js';
import { UsageError, wholeNumber } from '../argument-values.js';

export type From =
  | { readonly kind: 'redis'; readonly redis: RedisTarget }
  | { readonly kind: 'nats'; readonly nats: NatsTarget };

interface SourceValues {
  readonly from?: string[] | undefined;
  readonly stream?: string | undefined;
  readonly group?: string | undefined;
  readonly shards?: string | undefined;
  readonly cluster?: boolean | undefined;
  readonly sentinel?: string | undefined;
  readonly 'redis-ca'?: string | undefined;
  readonly 'redis-cert'?: string | undefined;
  readonly 'redis-key'?: string | undefined;
  readonly 'nats-ca'?: string | undefined;
  readonly 'nats-cert'?: string | undefined;
  readonly 'nats-key'?: string | undefined;
  readonly credentials?: string | undefined;
  readonly nkey?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Of a durable consumer. */
const CONSUMER_NAME = /^[\w-]{1,100}$/;
const MAX_SHARDS = 1024;
const FOR_REDIS = ['cluster', 'sentinel', 'shards', 'redis-ca', 'redis-cert', 'redis-key'] as const;
const FOR_NATS = ['credentials', 'nkey', 'nats-ca', 'nats-cert', 'nats-key'] as const;

/** The address may come from the environment, which keeps a password out of the list of processes. */
export function readFrom(values: SourceValues, hint: string): (env: Environment) => From {
  const shards = wholeNumber('--shards', values.shards, 1, MAX_SHARDS);
  return (env) => {
    const [url, kind] = addressesOf(values, env, hint);
    const [others, protocols] =
      kind === 'nats' ? [FOR_REDIS, 'redis:// and rediss://'] : [FOR_NATS, 'nats:// and tls://'];
    const needless = others.find((name) => values[name] !== undefined);
    if (needless !== undefined) throw new UsageError(`--${needless} is for ${protocols} alone; ${hint}`);
    const { stream, cluster, sentinel, credentials, nkey } = values;
    if (kind === 'nats') {
      if (!CONSUMER_NAME.test(values.group ?? 'x')) {
        throw new UsageError(`--group must be a name of letters, digits, - and _ with nats://; ${hint}`);
      }
      const tls = tlsOf(values, kind);
      return { kind, nats: sound(resolveNats({ url, stream, credentials, nkey, tls }), kind, hint) };
    }
    const tls = tlsOf(values, kind);
    return { kind, redis: sound(resolveRedis({ url, stream, shards, cluster, sentinel, tls }), kind, hint) };
  };
}

function addressesOf(
  { from }: SourceValues,
  { REDIS_URL, NATS_URL }: Environment,
  hint: string,
): readonly [url: readonly string[], kind: From['kind']] {
  const ofEnvironment = REDIS_URL || NATS_URL;
  const given = from ?? (ofEnvironment ? [ofEnvironment] : []);
  if (given.length === 0) {
    throw new UsageError(
      `--from must be redis://…, rediss://…, nats://… or tls://…, but neither it nor REDIS_URL nor NATS_URL is given; ${hint}`,
    );
  }
  const isNats = given.map((one) => /^(nats|tls):/i.test(one));
  if (isNats.includes(true) && isNats.includes(false)) {
    throw new UsageError(`--from must be servers of one kind, Redis or NATS; ${hint}`);
  }
  return [given, isNats[0] ? 'nats' : 'redis'];
}

function tlsOf(values: SourceValues, kind: From['kind']): Record<string, string> {
  const tls = { ca: values[`${kind}-ca`], cert: values[`${kind}-cert`], key: values[`${kind}-key`] };
  return Object.fromEntries(
    Object.entries(tls).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

/** Names options of the command in place of the client's. */
function sound<T extends object>(
  target: T | { readonly fault: string },
  kind: From['kind'],
  hint: string,
): T {
  if (!('fault' in target)) return target;
  const fault = target.fault
    .replace(/must be .*, or an array of them$/, 'must be redis://…, rediss://…, nats://… or tls://…')
    .replace(`option ${kind}.url`, '--from')
    .replace(new RegExp(`option ${kind}\\.(\\w+)`), '--$1');
  throw new UsageError(`${fault}; ${hint}`);
}
