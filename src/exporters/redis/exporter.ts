/** The built-in exporter to streams of Redis or Valkey: each batch is an entry, which consumers bring to a Langfuse server or elsewhere. */
import { hostname } from 'node:os';
import { createRevisionsWithoutServer } from '../../revision/revisions.js';
import type {
  ExportAttempt,
  Exporter,
  ExporterContext,
  ExportOutcome,
} from '../../shared/contract/exporter.js';
import type { RedisExporterOptions } from '../../shared/contract/redis-options.js';
import { readTlsIdentity } from '../connection-options.js';
import { mayHoldMedia } from '../encoding/media-search.js';
import { createLangfuseEncoding, SPANS } from '../langfuse/encoding.js';
import { connect, preload, type RedisConnection } from './client.js';
import { batchIdOf, fieldsOf, shardOf } from './entry.js';
import { isMoved, isReply, outcomeOfFault } from './faults.js';

export async function createExporter(options: unknown, context: ExporterContext): Promise<Exporter> {
  const given = options as RedisExporterOptions;
  const { redis } = given;
  const { addresses, isTls, stream, shards, maxLength, full } = redis;
  const producer = redis.producer ?? `${hostname()}:${process.pid}`;
  const { host, port } = addresses[0] as RedisExporterOptions['redis']['addresses'][number];
  const url = `${isTls ? 'rediss' : 'redis'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const called = new URL(url).host;
  const tls = redis.tls && readTlsIdentity(redis.tls, context);
  const revisions = await createRevisionsWithoutServer(given, context, mayHoldMedia);
  preload();
  const { encoding, bodyOf } = createLangfuseEncoding(given, revisions, context);
  /** Of each stream, as the server said last. */
  const lengths = new Map<string, number>();
  let connection: Promise<RedisConnection> | undefined;
  let isClosed = false;

  /** Opens it once for all batches that wait for it. */
  function connected(): Promise<RedisConnection> {
    connection ??= connect(redis, tls);
    return connection;
  }

  /** A connection that another batch has opened since stays. */
  function drop(broken: Promise<RedisConnection> | undefined): void {
    if (broken === undefined || connection !== broken) return;
    connection = undefined;
    lengths.clear();
    broken.then(
      (one) => one.destroy(),
      () => {},
    );
  }

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

  return {
    ...encoding,

    spoolIdentity: `redis/1 ${addresses.map((one) => `${one.host}:${one.port}`).join()} ${redis.database} ${stream}`,

    payload: (lane, records) => ({ url, body: bodyOf(lane, records).body }),

    async deliver(lane, records, attempt) {
      if (isClosed) return { kind: 'retryable', reason: 'the exporter is closed' };
      const id = batchIdOf(lane, attempt);
      const key = `${stream}:${shardOf(id, shards)}`;
      const fields = fieldsOf({
        lane,
        contentType: lane === SPANS ? 'application/x-protobuf' : 'application/json',
        encoding: attempt.encoding,
        count: records.length,
        id,
        producer,
        body: inOnePiece(attempt),
      });
      const used = connected();
      // What the connection brings no more is of no use to the other batches either: replies come in order.
      const giveUp = (): void => drop(used);
      attempt.signal.addEventListener('abort', giveUp, { once: true });
      try {
        return await addUnlessFull(await used, key, fields);
      } catch (error) {
        if (!isReply(error) || isMoved(error)) drop(used);
        return outcomeOfFault(error, called);
      } finally {
        attempt.signal.removeEventListener('abort', giveUp);
      }
    },

    close() {
      isClosed = true;
      drop(connection);
    },
  };
}

function inOnePiece({ body }: ExportAttempt): Buffer {
  const [first] = body;
  if (body.length !== 1 || first === undefined) return Buffer.concat(body);
  return Buffer.from(first.buffer, first.byteOffset, first.byteLength);
}
