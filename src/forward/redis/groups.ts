/** The consumer groups of the streams: made when they are missing, measured, and rid of the names of dead consumers. */
import { systemNow } from '../../shared/runtime/real-time.js';
import type { Lag } from '../contract.js';
import type { StreamKeys } from './keys.js';
import type { RedisLink } from './link.js';

export interface Streams {
  readonly link: RedisLink;
  readonly group: string;
  readonly consumer: string;
  readonly keys: readonly StreamKeys[];
}

/** A consumer without entries that has said nothing for so long is forgotten. */
const FORGOTTEN_AFTER_MS = 3_600_000;
/** Streams beyond the last one that are looked for. */
const LOOKED_FOR = 8;

/** `prefix`: of the streams' keys. Warns of streams that nobody reads. */
export async function ensureGroups(
  { link, group, keys }: Streams,
  prefix: string,
  sayOnce: (topic: string, text: string) => void,
): Promise<void> {
  for (const { stream } of keys) {
    const groups = await groupsOf(link, stream);
    // From the first entry on. A group that somebody makes at this moment is as good.
    if (!groups.includes(group)) {
      await link.send(stream, 'XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM').catch(async (error) => {
        if (!(await groupsOf(link, stream)).includes(group)) throw error;
      });
    }
  }
  for (let beyond = keys.length; beyond < keys.length + LOOKED_FOR; beyond++) {
    const stream = `${prefix}:${beyond}`;
    if (Number(await link.send(stream, 'EXISTS', stream)) === 0) continue;
    sayOnce('shards', `there is a stream ${stream}, which this forwarder does not read: is --shards right?`);
    return;
  }
}

async function groupsOf({ send }: RedisLink, stream: string): Promise<string[]> {
  if (Number(await send(stream, 'EXISTS', stream)) === 0) return [];
  return recordsOf(await send(stream, 'XINFO', 'GROUPS', stream)).map(({ name }) => String(name));
}

/** Such as `[[name, value, …], …]`. */
function recordsOf(reply: unknown): Record<string, unknown>[] {
  return (reply as unknown[][]).map((pairs) =>
    Object.fromEntries(
      Array.from({ length: pairs.length / 2 }, (_, i) => [String(pairs[2 * i]), pairs[2 * i + 1]]),
    ),
  );
}

/**
 * `own`: also the one of this name, at its end. Only without entries: those of a consumer that is deleted would never come to
 * anybody.
 */
export async function dropIdleConsumers({ link, group, keys }: Streams, own?: string): Promise<void> {
  for (const { stream } of keys) {
    const consumers = recordsOf(await link.send(stream, 'XINFO', 'CONSUMERS', stream, group));
    for (const { name, pending, idle } of consumers) {
      const isGone = String(name) === own || Number(idle) > FORGOTTEN_AFTER_MS;
      if (!isGone || Number(pending) > 0) continue;
      await link.send(stream, 'XGROUP', 'DELCONSUMER', stream, group, name as Buffer);
    }
  }
}

export async function measureLag({ link, group, keys }: Streams, dead: string): Promise<Lag> {
  const { send } = link;
  let oldestMs = 0;
  const streams = await Promise.all(
    keys.map(async ({ stream }) => {
      const [entries, pending] = await Promise.all([
        send(stream, 'XLEN', stream),
        send(stream, 'XPENDING', stream, group),
      ]);
      const [count, first] = pending as [number, Buffer | null];
      // The number of an entry begins with the time at which it was added.
      if (first !== null) oldestMs = Math.max(oldestMs, systemNow() - Number(String(first).split('-')[0]));
      return { name: stream, entries: Number(entries), pending: Number(count) };
    }),
  );
  return { streams, dead: Number(await send(dead, 'XLEN', dead)), oldestMs };
}
