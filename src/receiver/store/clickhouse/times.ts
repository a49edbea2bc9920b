/** Times ↔ the text of a column, and the versions of rows. */

import type { Micros } from '../../../ingest/rows.js';

/** What the engine's dates can hold; others move to these bounds. */
const MAX_US = Date.UTC(2106, 0, 1) * 1000;

/** `2026-01-31 12:00:00.123456`, in UTC: the form that each setting of the server reads. */
export function timeText(us: Micros): string {
  const bounded = Math.min(Math.max(Math.round(us), 0), MAX_US);
  const ms = Math.floor(bounded / 1000);
  const iso = new Date(ms).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}${String(bounded - ms * 1000).padStart(3, '0')}`;
}

export const timeTextOrNull = (us: Micros | null): string | null => (us === null ? null : timeText(us));

export const nowUs = (): Micros => Date.now() * 1000;

/** Times of writing, each later than the one before: of the rows of one key the last one counts. */
export interface Versions {
  /** Later than `after` as well: another process's clock may be ahead. */
  next(after?: Micros): Micros;
  /** The last one. */
  last(): Micros;
}

export function createVersions(): Versions {
  let last = 0;
  return {
    next(after = 0) {
      last = Math.max(nowUs(), last + 1, after + 1);
      return last;
    },
    last: () => last,
  };
}
