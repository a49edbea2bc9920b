/** Buckets of time, for charts and trends. */

import type { Micros } from '../../ingest/rows.js';
import type { Buckets, PageFilter } from '../store/contract/page.js';
import type { Store } from '../store/contract.js';

const TARGET_BUCKETS = 60;
const SECOND_US = 1_000_000;
const [MINUTE, HOUR, DAY] = [60, 3_600, 86_400];
/** Lengths of a bucket that read well on an axis, in seconds. */
const LENGTHS_S = [
  ...[0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
  ...[MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE],
  ...[HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY],
];

/** A length that divides the range into 60 buckets or fewer. */
export function bucketLength(rangeUs: Micros): Micros {
  const found = LENGTHS_S.find((seconds) => rangeUs / (seconds * SECOND_US) <= TARGET_BUCKETS);
  return (found ?? 3_650 * DAY) * SECOND_US;
}

/** Of clocks that are thousands of years apart too. */
const MAX_BUCKETS = 100;

/** Buckets of time over the traces of the filter, from a whole multiple of their length on. */
export async function bucketsOf(
  store: Store,
  { fromUs, toUs }: PageFilter,
): Promise<{ buckets: Buckets; count: number }> {
  const times = (await store.list.times()) ?? { firstUs: 0, lastUs: 0 };
  const from = Math.max(times.firstUs, fromUs ?? times.firstUs);
  const to = Math.max(from, Math.min(times.lastUs, toUs ?? times.lastUs));
  const bucketUs = Math.max(bucketLength(to - from), Math.ceil((to - from) / MAX_BUCKETS));
  const firstUs = Math.floor(from / bucketUs) * bucketUs;
  return { buckets: { firstUs, bucketUs }, count: Math.floor((to - firstUs) / bucketUs) + 1 };
}
