/** The built-in exporter to streams of Redis or Valkey: each batch is an entry, which consumers bring to a Langfuse server or elsewhere. */
import type { Exporter, ExporterContext, ExportOutcome } from '../../shared/contract/exporter.js';
import type { RedisExporterOptions } from '../../shared/contract/redis-options.js';
import { readTlsIdentity } from '../connection-options.js';
import { hostOf, hostsOf } from '../streams/address.js';
import { shareConnection } from '../streams/connection.js';
import { createStreamExporter } from '../streams/exporter.js';
import { connect, preload, type RedisConnection } from './client.js';
import { fieldsOf } from './entry.js';
import { readFault } from './faults.js';

export function createExporter(options: unknown, context: ExporterContext): Promise<Exporter> {
  const given = options as RedisExporterOptions;
  const { redis } = given;
  const { isTls, stream, shards, maxLength, full, producer, database } = redis;
  const called = hostOf(redis);
  const tls = redis.tls && readTlsIdentity(redis.tls, context);
  /** Of each stream, as the server said last. */
  const lengths = new Map<string, number>();
  preload();

  async function lengthOf({ send }: RedisConnection, key: string): Promise<void> {
    lengths.set(key, Number(await send(key, ['XLEN', key])));
  }

  /** The length after it comes with the same write, so that a full stream is known before the next batch. */
  async function add(
    server: RedisConnection,
    key: string,
    fields: readonly (string | Buffer)[],
  ): Promise<void> {
    if (full === 'trim') {
      await server.send(key, ['XADD', key, 'MAXLEN', '~', String(maxLength), '*', ...fields]);
      return;
    }
    const added = server.send(key, ['XADD', key, '*', ...fields]);
    const counted = lengthOf(server, key);
    // The batch is in the stream whatever becomes of the count: if that fails, the next batch asks first.
    await Promise.allSettled([added, counted.catch(() => lengths.delete(key))]);
    await added;
  }

  async function addUnlessFull(
    server: RedisConnection,
    key: string,
    fields: readonly (string | Buffer)[],
  ): Promise<ExportOutcome> {
    if (full === 'refuse' && (lengths.get(key) ?? maxLength) >= maxLength) {
      await lengthOf(server, key);
      const length = lengths.get(key) as number;
      if (length >= maxLength) {
        return {
          kind: 'retryable',
          reason: `redis ${called}: the stream ${key} is full (${length} entries)`,
        };
      }
    }
    await add(server, key, fields);
    return { kind: 'success' };
  }

  return createStreamExporter(given, context, {
    url: `${isTls ? 'rediss' : 'redis'}://${called}`,
    producer,
    shards,
    spoolIdentity: `redis/1 ${hostsOf(redis)} ${database} ${stream}`,
    connection: shareConnection(
      () => connect(redis, tls),
      () => lengths.clear(),
    ),
    add: (server, entry, shard) => addUnlessFull(server, `${stream}:${shard}`, fieldsOf(entry)),
    readFault: (error) => readFault(error, called),
  });
}
