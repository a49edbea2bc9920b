/** The buckets of a time range, in the order of time: an answer also has those in which nothing happened. */

import type { Granularity } from '../../store/contract/metrics.js';

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000];

/** Where `auto` begins to be coarser. */
const AUTO: readonly [belowHours: number, Granularity][] = [
  [2, 'minute'],
  [72, 'hour'],
  [1_440, 'day'],
  [8_760, 'week'],
];

export function automaticGranularity(fromMs: number, toMs: number): Granularity {
  const hours = (toMs - fromMs) / HOUR_MS;
  return AUTO.find(([below]) => hours < below)?.[1] ?? 'month';
}

/** At most `limit` buckets from the one of `fromMs` up to that of `toMs`, which is not one of them. */
export function bucketsBetween(
  fromMs: number,
  toMs: number,
  granularity: Granularity,
  limit: number,
): string[] {
  const end = startOf(new Date(toMs), granularity);
  const buckets: string[] = [];
  for (let at = startOf(new Date(fromMs), granularity); at < end; at = next(at, granularity)) {
    if (buckets.length === limit) break;
    buckets.push(textOf(at, granularity));
  }
  return buckets;
}

function startOf(time: Date, granularity: Granularity): Date {
  const ms = time.getTime();
  const day = new Date(Math.floor(ms / DAY_MS) * DAY_MS);
  switch (granularity) {
    case 'minute':
      return new Date(Math.floor(ms / MINUTE_MS) * MINUTE_MS);
    case 'hour':
      return new Date(Math.floor(ms / HOUR_MS) * HOUR_MS);
    case 'day':
      return day;
    case 'week':
      // Sunday is day 0, and the last of its week.
      return new Date(day.getTime() - ((day.getUTCDay() + 6) % 7) * DAY_MS);
    case 'month':
      return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth()));
  }
}

const LENGTHS_MS = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS, week: 7 * DAY_MS };

function next(start: Date, granularity: Granularity): Date {
  if (granularity === 'month') return new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1));
  return new Date(start.getTime() + LENGTHS_MS[granularity]);
}

function textOf(start: Date, granularity: Granularity): string {
  const hasTime = granularity === 'minute' || granularity === 'hour';
  return start.toISOString().replace(hasTime ? '.000Z' : /T.*/, hasTime ? 'Z' : '');
}
