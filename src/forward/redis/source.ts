/**
 * Batches from streams of Redis, by a consumer group. An entry stays in its stream until it is delivered: then its id is noted as
 * delivered, and the entry is acknowledged and deleted, in this order, so that a crash in between leads to a duplicate that is known.
 *
 * Streams are polled. A command that blocks would need connections of its own, one for each node of a cluster.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { TlsIdentity } from '../../shared/contract/exporter.js';
import type { RedisTarget } from '../../shared/contract/redis-options.js';
import { systemNow } from '../../shared/runtime/real-time.js';
import type { DeadLetter, Source, Taken } from '../contract.js';
import { type Fields, type Parsed, parseEntry } from '../entry.js';
import { addLetter, replayLetters } from './dead-letters.js';
import { addedUsOf, fieldsFrom, type RawEntry } from './entries.js';
import { dropIdleConsumers, ensureGroups, measureLag, type Streams } from './groups.js';
import { deadKey, type StreamKeys, streamKeys } from './keys.js';
import { createRedisLink, MissingGroup, type RedisLink } from './link.js';

export interface RedisSourceOptions {
  readonly redis: RedisTarget;
  readonly tls: TlsIdentity | undefined;
  readonly group: string;
  /** An entry that its consumer has not extended for so long belongs to a dead one. */
  readonly claimAfterMs: number;
  readonly maxDead: number;
  /** Reports something that is to be said once. */
  readonly sayOnce: (topic: string, text: string) => void;
}

/** Ids of delivered batches are kept for so long, and so many of each stream. */
const DELIVERED_WINDOW_MS = 10 * 60_000;
const MAX_DELIVERED = 100_000;
/** After a lost answer this many entries of the consumer are read again from each stream: more than it has under way. */
const MAX_OWN = 1_000;
/** Delivered ids are trimmed after so many entries. */
const TRIM_EVERY = 500;

interface RedisTaken extends Taken {
  readonly keys: StreamKeys;
  readonly id: string;
  readonly fields: Fields;
}

export function createRedisSource(options: RedisSourceOptions): Source {
  const { redis, tls, group, claimAfterMs, maxDead, sayOnce } = options;
  const link = createRedisLink(redis, tls);
  const { send } = link;
  const consumer = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;
  const keys = streamKeys(redis.stream, redis.shards);
  const streams: Streams = { link, group, consumer, keys };
  const dead = deadKey(redis.stream);
  let isReady = false;
  /** The stream that is read first, so that each has its turn. */
  let turn = 0;
  let acknowledged = 0;
  /** An answer with entries may have been lost with its connection: Redis counts them as taken by this consumer. */
  let hasLost = false;

  /** Makes the groups if they are missing, which a FLUSHALL may cause at any time. */
  async function withGroups<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      if (!isReady) await ensureGroups(streams, redis.stream, sayOnce);
      isReady = true;
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof MissingGroup) || tries > 0) throw error;
        isReady = false;
      }
    }
  }

  async function takenFrom(
    from: StreamKeys,
    entries: readonly RawEntry[],
    by: 'read' | 'claim' | 'reread',
  ): Promise<RedisTaken[]> {
    const there = entries.flatMap(([id, raw]) => (raw === null ? [] : [{ id: String(id), raw }]));
    if (there.length === 0) return [];
    const parsed = there.map(({ id, raw }) => {
      const fields = fieldsFrom(raw);
      return { id, fields, content: parseEntry(fields) };
    });
    const [scores, attempts] = await Promise.all([
      send(
        from.delivered,
        ...['ZMSCORE', from.delivered],
        ...parsed.map(({ fields }) => fields.get('id') ?? ''),
      ),
      Promise.all(
        there.map(async ({ id }) => {
          if (by === 'read') return 1;
          const attempts = await attemptsOf(streams, from.stream, id);
          // Redis has counted the answer that was lost, and nobody has tried to deliver it.
          return by === 'claim' ? attempts : Math.max(1, attempts - 1);
        }),
      ),
    ]);
    const since = systemNow() - DELIVERED_WINDOW_MS;
    const taken: RedisTaken[] = [];
    for (const [index, { id, fields, content }] of parsed.entries()) {
      if (content.kind === 'later') {
        sayOnce(
          'later version',
          `entries of ${from.stream} have the version ${content.version}, which this forwarder does not know: it leaves them there for a later one`,
        );
        await forget(from.stream, [id], 0);
        continue;
      }
      const score = (scores as (Buffer | null)[])[index];
      const isDuplicate = content.kind === 'batch' && score != null && Number(score) > since;
      taken.push({
        name: `${from.stream} ${id}`,
        content: isDuplicate ? { kind: 'duplicate', batch: content.batch } : timed(content, id),
        attempts: attempts[index] as number,
        keys: from,
        id,
        fields,
      });
    }
    return taken;
  }

  async function noticingLoss<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      hasLost = true;
      throw error;
    }
  }

  /** All entries that this consumer has taken, also those that are under way: the forwarder knows them. */
  async function takenBefore(): Promise<RedisTaken[]> {
    const found = await Promise.all(keys.map((from) => readGroup(from, MAX_OWN, '0')));
    hasLost = false;
    return found.flat();
  }

  /** `after`: `>` for entries that no consumer has taken, `0` for those of this one. */
  async function readGroup(from: StreamKeys, count: number, after: '>' | '0'): Promise<RedisTaken[]> {
    const reply = await send(
      from.stream,
      ...['XREADGROUP', 'GROUP', group, consumer, 'COUNT', String(count), 'STREAMS', from.stream, after],
    );
    const [[, entries]] = (reply ?? [[null, []]]) as [[Buffer | null, RawEntry[]]];
    return takenFrom(from, entries, after === '0' ? 'reread' : 'read');
  }

  /** Nobody has tried to deliver them: they count as taken for the first time, and as idle for `idleMs`. */
  async function forget(stream: string, ids: readonly string[], idleMs: number): Promise<void> {
    await send(
      stream,
      ...['XCLAIM', stream, group, consumer, '0', ...ids],
      ...['IDLE', String(idleMs), 'RETRYCOUNT', '0', 'JUSTID'],
    );
  }

  return {
    url: link.url,

    read: (max) =>
      withGroups(() =>
        noticingLoss(async () => {
          if (hasLost) return takenBefore();
          const inTurn = [...keys.slice(turn % keys.length), ...keys.slice(0, turn % keys.length)];
          turn++;
          const count = Math.ceil(max / keys.length);
          const found = await Promise.all(inTurn.slice(0, max).map((from) => readGroup(from, count, '>')));
          return found.flat();
        }),
      ),

    claim: (max) =>
      withGroups(() =>
        noticingLoss(async () => {
          await dropIdleConsumers(streams);
          const found: RedisTaken[] = [];
          for (const from of keys) {
            let cursor = '0-0';
            do {
              const left = max - found.length;
              if (left <= 0) break;
              const [next, entries] = (await send(
                from.stream,
                ...['XAUTOCLAIM', from.stream, group, consumer, String(claimAfterMs), cursor],
                ...['COUNT', String(left)],
              )) as [Buffer, RawEntry[]];
              found.push(...(await takenFrom(from, entries, 'claim')));
              cursor = String(next);
            } while (cursor !== '0-0');
          }
          return found;
        }),
      ),

    async extend(taken) {
      for (const [stream, ids] of byStream(taken)) {
        // Those that somebody has claimed since, as this process stood still, are theirs.
        const owners = await Promise.all(
          ids.map((id) => send(stream, 'XPENDING', stream, group, id, id, '1', consumer)),
        );
        const mine = ids.filter((_, index) => (owners[index] as unknown[]).length > 0);
        if (mine.length > 0) await send(stream, 'XCLAIM', stream, group, consumer, '0', ...mine, 'JUSTID');
      }
    },

    async acknowledge(taken, isDelivered) {
      const { keys, id, content } = taken as RedisTaken;
      const { stream, delivered } = keys;
      const now = systemNow();
      const commands: Promise<unknown>[] = [];
      if (isDelivered && content.kind !== 'unreadable') {
        commands.push(send(delivered, 'ZADD', delivered, String(now), content.batch.id));
      }
      commands.push(send(stream, 'XACK', stream, group, id), send(stream, 'XDEL', stream, id));
      if (acknowledged++ % TRIM_EVERY === 0) commands.push(...trimDelivered(link, delivered, now));
      await allDone(commands);
    },

    putAside(taken, { reason, part }: DeadLetter) {
      const { keys, id, fields, attempts } = taken as RedisTaken;
      const facts = { reason, attempts, stream: keys.stream, entry: id };
      return addLetter(link, dead, part ?? fields, facts, maxDead);
    },

    async release(taken) {
      for (const [stream, ids] of byStream(taken)) await forget(stream, ids, claimAfterMs);
    },

    replayDead: () => replayLetters(link, dead, keys),

    lag: () => withGroups(() => measureLag(streams, dead)),

    async close() {
      await dropIdleConsumers(streams, consumer).catch(() => {});
      link.close();
    },
  };
}

type Known = Exclude<Parsed, { kind: 'later' }>;

function timed(content: Known, id: string): Taken['content'] {
  return content.kind === 'batch'
    ? { kind: 'batch', batch: { ...content.batch, addedUs: addedUsOf(id) } }
    : content;
}

/** How often an entry was taken. */
async function attemptsOf({ link, group }: Streams, stream: string, id: string): Promise<number> {
  const [pending] = (await link.send(stream, 'XPENDING', stream, group, id, id, '1')) as [
    Buffer,
    Buffer,
    number,
    number,
  ][];
  return Number(pending?.[3] ?? 1);
}

function trimDelivered({ send }: RedisLink, key: string, now: number): Promise<unknown>[] {
  return [
    send(key, 'ZREMRANGEBYSCORE', key, '-inf', String(now - DELIVERED_WINDOW_MS)),
    send(key, 'ZREMRANGEBYRANK', key, '0', String(-MAX_DELIVERED - 1)),
    send(key, 'PEXPIRE', key, String(2 * DELIVERED_WINDOW_MS)),
  ];
}

function byStream(taken: readonly Taken[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { keys, id } of taken as RedisTaken[]) {
    ids.set(keys.stream, [...(ids.get(keys.stream) ?? []), id]);
  }
  return ids;
}

/** Rejects with the first fault once all commands have their answers. */
async function allDone(commands: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(commands);
  await Promise.all(commands);
}
