/** The view `observations` of metrics queries, in the two versions of the API. */

import { type DetailsKind, detailsSql, IS_ROOT_OBSERVATION, sideSql, totalSql } from '../derived-sql.js';
import {
  count,
  countable,
  type Dimension,
  environment,
  figure,
  inRange,
  type Measure,
  type MetricsView,
  millisecondsBetween,
  monthOf,
  neverNull,
  related,
  text,
  texts,
  unbounded,
} from './view.js';

const OUTPUT_TOKENS = `coalesce(${sideSql('o', 'usage', 'output')}, 0)`;
const TOTAL_TOKENS = `coalesce(${totalSql('o', 'usage')}, 0)`;
/** Exact, where the server counts whole seconds: it has no rate for what takes less than one. */
const perSecond = (tokens: string, start: string) =>
  figure(`${tokens} * 1e6 / nullif(o.end_us - ${start}, 0)`);
const ofScores = (select: string) =>
  `(SELECT ${select} FROM scores AS x WHERE x.trace_id = o.trace_id AND x.observation_id = o.id AND ${inRange('x.timestamp_us')})`;

/** The details with their total, which is stored beside them. */
const pairsOf = (kind: DetailsKind, total: string) =>
  `iif(o.${kind}_details IS NULL, ${detailsSql('o', kind)}, json_set(o.${kind}_details, '$.total', o.${total}))`;

const DIMENSIONS: Record<string, Dimension> = {
  environment: environment('o'),
  type: neverNull('o.type'),
  name: neverNull('o.name'),
  level: { sql: `coalesce(o.level, 'DEFAULT')`, type: 'text', isNullable: false },
  version: text('o.version'),
  providedModelName: text('o.model'),
  promptName: text('o.prompt_name'),
  // Filters compare it as text.
  promptVersion: text('o.prompt_version'),
  startTimeMonth: neverNull(monthOf('o.start_us')),
};

const MEASURES: Record<string, Measure> = {
  count: count('1'),
  latency: figure(millisecondsBetween('o.start_us', 'o.end_us')),
  streamingLatency: figure(millisecondsBetween('o.completion_start_us', 'o.end_us')),
  inputTokens: count(`coalesce(${sideSql('o', 'usage', 'input')}, 0)`),
  outputTokens: count(OUTPUT_TOKENS),
  totalTokens: count(TOTAL_TOKENS),
  outputTokensPerSecond: perSecond(OUTPUT_TOKENS, 'o.completion_start_us'),
  tokensPerSecond: perSecond(TOTAL_TOKENS, 'o.start_us'),
  inputCost: count(`coalesce(${sideSql('o', 'cost', 'input')}, 0)`),
  outputCost: count(`coalesce(${sideSql('o', 'cost', 'output')}, 0)`),
  totalCost: figure(totalSql('o', 'cost')),
  timeToFirstToken: figure(millisecondsBetween('o.start_us', 'o.completion_start_us')),
  countScores: related('scores', count(ofScores('count(*)'))),
};

const SHARED = {
  from: `observations AS o LEFT JOIN traces AS t ON t.id = o.trace_id
    LEFT JOIN observations AS r ON r.trace_id = t.id AND r.id = t.root_id`,
  time: { name: 'start_time', sql: 'o.start_us' },
  metadata: 'o.metadata',
};
const SCORES_RELATION = `EXISTS ${ofScores('1')}`;

export const OBSERVATION_VIEW_V1: MetricsView = {
  ...SHARED,
  dimensions: {
    ...DIMENSIONS,
    id: neverNull('o.id'),
    traceId: neverNull('o.trace_id'),
    parentObservationId: text('o.parent_id'),
    traceName: related('traces', neverNull('coalesce(t.name, r.name)')),
    tags: related('traces', texts('t.tags')),
    userId: related('traces', text('t.user_id')),
    sessionId: related('traces', text('t.session_id')),
    traceRelease: related('traces', text('t.release')),
    traceVersion: related('traces', text('t.version')),
  },
  measures: MEASURES,
  relations: { traces: inRange('t.timestamp_us'), scores: SCORES_RELATION },
};

export const OBSERVATION_VIEW_V2: MetricsView = {
  ...SHARED,
  dimensions: {
    ...DIMENSIONS,
    id: unbounded(neverNull('o.id')),
    traceId: unbounded(neverNull('o.trace_id')),
    parentObservationId: unbounded(text('o.parent_id')),
    environment: { ...environment('o'), isNullable: true },
    isRootObservation: { sql: IS_ROOT_OBSERVATION, type: 'flag', isNullable: false },
    userId: unbounded(text('t.user_id')),
    sessionId: unbounded(text('t.session_id')),
    tags: texts('t.tags'),
    release: text('t.release'),
    traceName: text('coalesce(t.name, r.name)'),
    traceRelease: text('t.release'),
    traceVersion: text('t.version'),
    costType: { ...neverNull('pair.key'), pairs: pairsOf('cost', 'total_cost') },
    usageType: { ...neverNull('pair.key'), pairs: pairsOf('usage', 'total_tokens') },
  },
  measures: {
    ...MEASURES,
    traceId: countable('o.trace_id'),
    uniqueUserIds: countable('t.user_id'),
    uniqueSessionIds: countable('t.session_id'),
    costByType: { ...count('pair.value'), dimension: 'costType' },
    usageByType: { ...count('pair.value'), dimension: 'usageType' },
  },
  relations: { scores: SCORES_RELATION },
};
