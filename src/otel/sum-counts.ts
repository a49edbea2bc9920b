/** The counts of several destinations as one. */
import type { Counts, DropReason } from '../shared/counts.js';

const TOTALS = [
  'accepted',
  'sent',
  'failed',
  'retried',
  'spooled',
  'recovered',
  'pending',
  'bytes',
  'truncated',
  'mediaFailed',
] as const satisfies (keyof Counts)[];

export function sumCounts(all: readonly Counts[]): Counts {
  const totals = TOTALS.map((name) => [name, all.reduce((sum, counts) => sum + counts[name], 0)]);
  return { ...Object.fromEntries(totals), dropped: sumDropped(all.map(({ dropped }) => dropped)) };
}

export function sumDropped(all: readonly Counts['dropped'][]): Counts['dropped'] {
  const sum: Counts['dropped'] = { total: 0 };
  for (const dropped of all) {
    for (const [reason, count] of Object.entries(dropped)) {
      sum[reason as DropReason] = (sum[reason as DropReason] ?? 0) + count;
    }
  }
  return sum;
}
