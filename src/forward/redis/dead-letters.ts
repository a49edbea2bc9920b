/** The stream of dead letters: entries that can never be delivered, with the reason, until somebody puts them back. */
import { fieldsOf } from '../../exporters/redis/entry.js';
import { systemNow } from '../../shared/runtime/real-time.js';
import type { Batch } from '../contract.js';
import type { Fields } from '../entry.js';
import { fieldsFrom, type RawEntry } from './entries.js';
import type { StreamKeys } from './keys.js';
import type { RedisLink } from './link.js';

/** What a dead letter has besides the fields of its entry. */
const ADDED = ['reason', 'attempts', 'time', 'stream', 'entry'];
const REPLAY_COUNT = 20;

export interface LetterFacts {
  readonly reason: string;
  readonly attempts: number;
  /** Where the entry was. */
  readonly stream: string;
  readonly entry: string;
}

/** Returns how many of the oldest letters had to go, because there is only room for `maxDead`. */
export async function addLetter(
  { send }: RedisLink,
  key: string,
  content: Fields | Batch,
  { reason, attempts, stream, entry }: LetterFacts,
  maxDead: number,
): Promise<number> {
  const facts = [
    ...['reason', reason, 'attempts', String(attempts), 'time', new Date(systemNow()).toISOString()],
    ...['stream', stream, 'entry', entry],
  ];
  const fields = content instanceof Map ? [...content].flat() : fieldsOf(content as Batch);
  // Two commands, as XADD with MAXLEN does not say how many it has deleted.
  await send(key, 'XADD', key, '*', ...facts, ...fields);
  return Number(await send(key, 'XTRIM', key, 'MAXLEN', String(maxDead)));
}

/** Up to the last letter that is there at the begin: a letter that dies again is not replayed for ever. */
export async function replayLetters(
  { send }: RedisLink,
  key: string,
  keys: readonly StreamKeys[],
): Promise<number> {
  const [last] = (await send(key, 'XREVRANGE', key, '+', '-', 'COUNT', '1')) as RawEntry[];
  if (last === undefined) return 0;
  let replayed = 0;
  for (;;) {
    const letters = (await send(
      key,
      ...['XRANGE', key, '-', String(last[0]), 'COUNT', String(REPLAY_COUNT)],
    )) as RawEntry[];
    if (letters.length === 0) return replayed;
    for (const [id, raw] of letters) {
      const fields = fieldsFrom(raw ?? []);
      const origin = String(fields.get('stream'));
      // Never into any other key than those of this forwarder.
      const { stream, delivered } = (keys.find((one) => one.stream === origin) ?? keys[0]) as StreamKeys;
      const original = [...fields].filter(([name]) => !ADDED.includes(name)).flat();
      // A batch that was taken in part is no duplicate of itself.
      await send(delivered, 'ZREM', delivered, fields.get('id') ?? '');
      if (original.length > 0) await send(stream, 'XADD', stream, '*', ...original);
      await send(key, 'XDEL', key, id);
      replayed++;
    }
  }
}
