/** The view `observations` of metrics queries, in the two versions of the API. */

import { type DetailsKind, detailsSql, IS_ROOT_OBSERVATION, sideSql, totalSql } from '../derived-sql.js';
import {
  environment,
  inRange,
  millisecondsBetween,
  monthOf,
  neverNull,
  texts,
  type ViewSql,
} from './view.js';

const OUTPUT_TOKENS = `coalesce(${sideSql('o', 'usage', 'output')}, 0)`;
const TOTAL_TOKENS = `coalesce(${totalSql('o', 'usage')}, 0)`;
/** Exact, where the server counts whole seconds: it has no rate for what takes less than one. */
const perSecond = (tokens: string, start: string) => `${tokens} * 1e6 / nullif(o.end_us - ${start}, 0)`;
const ofScores = (select: string) =>
  `(SELECT ${select} FROM scores AS x WHERE x.trace_id = o.trace_id AND x.observation_id = o.id AND ${inRange('x.timestamp_us')})`;

/** The details with their total, which is stored beside them. */
const pairsOf = (kind: DetailsKind, total: string) =>
  `iif(o.${kind}_details IS NULL, ${detailsSql('o', kind)}, json_set(o.${kind}_details, '$.total', o.${total}))`;

const DIMENSIONS = {
  environment: environment('o'),
  type: neverNull('o.type'),
  name: neverNull('o.name'),
  level: `coalesce(o.level, 'DEFAULT')`,
  version: 'o.version',
  providedModelName: 'o.model',
  promptName: 'o.prompt_name',
  // Filters compare it as text.
  promptVersion: 'o.prompt_version',
  startTimeMonth: neverNull(monthOf('o.start_us')),
};

const MEASURES = {
  count: '1',
  latency: millisecondsBetween('o.start_us', 'o.end_us'),
  streamingLatency: millisecondsBetween('o.completion_start_us', 'o.end_us'),
  inputTokens: `coalesce(${sideSql('o', 'usage', 'input')}, 0)`,
  outputTokens: OUTPUT_TOKENS,
  totalTokens: TOTAL_TOKENS,
  outputTokensPerSecond: perSecond(OUTPUT_TOKENS, 'o.completion_start_us'),
  tokensPerSecond: perSecond(TOTAL_TOKENS, 'o.start_us'),
  inputCost: `coalesce(${sideSql('o', 'cost', 'input')}, 0)`,
  outputCost: `coalesce(${sideSql('o', 'cost', 'output')}, 0)`,
  totalCost: totalSql('o', 'cost'),
  timeToFirstToken: millisecondsBetween('o.start_us', 'o.completion_start_us'),
  countScores: ofScores('count(*)'),
};

const SHARED = {
  from: `observations AS o LEFT JOIN traces AS t ON t.id = o.trace_id
    LEFT JOIN observations AS r ON r.trace_id = t.id AND r.id = t.root_id`,
  time: 'o.start_us',
  metadata: 'o.metadata',
};
const SCORES_RELATION = `EXISTS ${ofScores('1')}`;

export const OBSERVATION_VIEW_V1: ViewSql = {
  ...SHARED,
  dimensions: {
    ...DIMENSIONS,
    id: neverNull('o.id'),
    traceId: neverNull('o.trace_id'),
    parentObservationId: 'o.parent_id',
    traceName: neverNull('coalesce(t.name, r.name)'),
    tags: texts('t.tags'),
    userId: 't.user_id',
    sessionId: 't.session_id',
    traceRelease: 't.release',
    traceVersion: 't.version',
  },
  measures: MEASURES,
  relations: { traces: inRange('t.timestamp_us'), scores: SCORES_RELATION },
};

export const OBSERVATION_VIEW_V2: ViewSql = {
  ...SHARED,
  dimensions: {
    ...DIMENSIONS,
    id: neverNull('o.id'),
    traceId: neverNull('o.trace_id'),
    parentObservationId: 'o.parent_id',
    isRootObservation: IS_ROOT_OBSERVATION,
    userId: 't.user_id',
    sessionId: 't.session_id',
    tags: texts('t.tags'),
    release: 't.release',
    traceName: 'coalesce(t.name, r.name)',
    traceRelease: 't.release',
    traceVersion: 't.version',
    costType: neverNull('pair.key'),
    usageType: neverNull('pair.key'),
  },
  measures: {
    ...MEASURES,
    traceId: 'o.trace_id',
    uniqueUserIds: 't.user_id',
    uniqueSessionIds: 't.session_id',
    costByType: 'pair.value',
    usageByType: 'pair.value',
  },
  relations: { scores: SCORES_RELATION },
  pairs: { cost: pairsOf('cost', 'total_cost'), usage: pairsOf('usage', 'total_tokens') },
};
