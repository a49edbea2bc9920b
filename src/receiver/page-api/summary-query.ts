/** What the pages that sum up ask of the store: the traces of their filters, for a bounded time. */

import type { SummaryQuery } from '../store/contract/summaries.js';
import { pageFilter } from './page-filter.js';

/** As long as a search. */
export const MAX_READING_MS = 5_000;

/** @throws HttpError 400 with the name of a wrong parameter. */
export function summaryQuery(query: URLSearchParams): SummaryQuery {
  return { filter: pageFilter(query), maxMs: MAX_READING_MS };
}
