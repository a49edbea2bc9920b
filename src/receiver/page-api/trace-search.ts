/** `GET /api/tailrace/trace/ID/search?q=TEXT`: the observations of a trace whose payloads have a text. */

import type { TraceMatches } from '../../viewer/page-data.js';
import type { RouteContext } from '../http/requests.js';
import { invalid, one } from '../read/parameters.js';
import { nextTurn, runSlice, SLICE_MS } from '../slices.js';
import { findInPayloads } from '../store/trace-search.js';
import { sendData } from './answers.js';
import { likePattern } from './search.js';

/** Time that one search computes. */
const MAX_SEARCH_MS = 5_000;

export async function getTraceMatches(context: RouteContext, traceId: string): Promise<void> {
  const text = one(context.url.searchParams, 'q');
  if (text === null) throw invalid('q', 'a text', '');
  const ids: string[] = [];
  const steps = findInPayloads(context.store.database, traceId, likePattern(text), ids);
  const endsAtMs = performance.now() + MAX_SEARCH_MS;
  let isComplete = false;
  while (!isComplete && performance.now() < endsAtMs && !context.response.destroyed) {
    isComplete = runSlice(steps, performance.now() + SLICE_MS) !== undefined;
    if (!isComplete) await nextTurn();
  }
  const matches: TraceMatches = { ids, isComplete };
  await sendData(context, matches);
}
