/** `GET /api/tailrace/errors`: failed observations of the traces that pass the page's filters, grouped by message. */

import type { ErrorGroup, ErrorGroups, ErrorSource } from '../../viewer/data/errors.js';
import type { RouteContext } from '../http/requests.js';
import { flag, integer } from '../read/parameters.js';
import type { FailedObservation } from '../store/contract/summaries.js';
import { sendData } from './answers.js';
import { normalizedMessage } from './error-message.js';
import { summaryQuery } from './summary-query.js';

const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;
const MAX_FAILURES = 20_000;
const MAX_EXAMPLES = 5;
const MAX_SOURCES = 10;

/** A group while it is counted. */
interface Counted {
  newest: FailedObservation;
  message: string;
  count: number;
  firstUs: number;
  lastUs: number;
  traceIds: Set<string>;
  sources: Map<string, ErrorSource>;
}

export async function getErrorGroups(context: RouteContext): Promise<void> {
  const query = context.url.searchParams;
  const limit = integer(query, 'limit', DEFAULT_LIMIT, 1, MAX_LIMIT);
  const withWarnings = flag(query, 'warnings') ?? false;
  const byMessage = new Map<string, Counted>();
  const asked = { ...summaryQuery(query), withWarnings, maxFailures: MAX_FAILURES };
  const { isComplete, searchedFromUs } = await context.store.summaries.failures(asked, (failures) => {
    for (const failure of failures) add(byMessage, failure);
  });
  const groups = [...byMessage.values()];
  const sorted = [...groups].sort((a, b) => b.count - a.count || b.lastUs - a.lastUs);
  const answer: ErrorGroups = {
    groups: sorted.slice(0, limit).map(view),
    groupTotal: groups.length,
    observationTotal: groups.reduce((sum, { count }) => sum + count, 0),
    isComplete: isComplete && searchedFromUs === null,
  };
  await sendData(context, answer);
}

function add(groups: Map<string, Counted>, failure: FailedObservation): void {
  const { message, type, name, model, startUs, traceId } = failure;
  const normalized = normalizedMessage(message ?? '');
  // Without a message the name of what failed is all there is.
  const key = normalized === '' ? `\n${type}\n${name}` : normalized;
  let group = groups.get(key);
  if (group === undefined) {
    const [traceIds, sources] = [new Set<string>(), new Map<string, ErrorSource>()];
    group = {
      ...{ newest: failure, message: normalized, count: 0, firstUs: startUs, lastUs: startUs },
      ...{ traceIds, sources },
    };
    groups.set(key, group);
  }
  group.count += 1;
  group.firstUs = Math.min(group.firstUs, startUs);
  if (startUs > group.lastUs) [group.lastUs, group.newest] = [startUs, failure];
  group.traceIds.add(traceId);
  const sourceKey = JSON.stringify([type, name, model]);
  const source = group.sources.get(sourceKey) ?? { type, name, model, count: 0 };
  source.count += 1;
  group.sources.set(sourceKey, source);
}

function view({ newest, message, count, firstUs, lastUs, traceIds, sources }: Counted): ErrorGroup {
  const bySize = [...sources.values()].sort((a, b) => b.count - a.count);
  return {
    ...{ message, count, firstUs, lastUs },
    traceCount: traceIds.size,
    traceIds: [...new Set([newest.traceId, ...traceIds])].slice(0, MAX_EXAMPLES),
    newest: { traceId: newest.traceId, observationId: newest.id, message: newest.message },
    sources: bySize.slice(0, MAX_SOURCES),
    sourceTotal: bySize.length,
  };
}
