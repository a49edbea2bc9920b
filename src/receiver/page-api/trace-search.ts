/** `GET /api/tailrace/trace/ID/search?q=TEXT`: the observations of a trace whose payloads have a text. */

import type { TraceMatches } from '../../viewer/data/trace.js';
import type { RouteContext } from '../http/requests.js';
import { invalid, one } from '../read/parameters.js';
import { sendData } from './answers.js';

/** Time that one search computes. */
const MAX_SEARCH_MS = 5_000;

export async function getTraceMatches(context: RouteContext, traceId: string): Promise<void> {
  const text = one(context.url.searchParams, 'q');
  if (text === null) throw invalid('q', 'a text', '');
  const gone = new AbortController();
  context.response.once('close', () => gone.abort());
  const limits = { maxMs: MAX_SEARCH_MS, signal: gone.signal };
  const matches: TraceMatches = await context.store.tracePage.search(traceId, text, limits);
  await sendData(context, matches);
}
