/** The views of metrics queries (contract/metrics-views.ts) as SQL: `o` an observation, `t` a trace, `s` a score, and what is joined to them. */

import type { MetricsVersion } from '../../contract/metrics-views.js';
import { raw, type Sql, sql } from '../connection/sql.js';
import { isRootSql } from '../read/columns.js';
import { type DetailsKind, detailsSql, sideSql, type Tables, totalSql } from '../tables.js';

export interface ViewSql {
  /** The table of its rows and the name that it has in the statement. */
  table: 'observations' | 'traces' | 'scores';
  alias: string;
  time: string;
  where?: string;
  dimensions: Readonly<Record<string, string>>;
  measures: Readonly<Record<string, string>>;
  /** Relation → the condition that a row has one in the time range. */
  relations: Readonly<Record<string, (inRange: InRange) => Sql>>;
  /** By the name in expressions: what is joined if one of them uses it. */
  joins: Readonly<Record<string, (inRange: InRange) => Sql>>;
}

/** The condition that a time is in the range of the query. */
export type InRange = (time: string) => Sql;

const never = (column: string) => `ifNull(${column}, '')`;
const month = (time: string) => `formatDateTime(${time}, '%Y-%m')`;
const day = (time: string) => `formatDateTime(${time}, '%Y-%m-%d')`;
const ms = (time: string) => `intDiv(toUnixTimestamp64Micro(assumeNotNull(${time})), 1000)`;
/** As of a server, which stores milliseconds. */
const msBetween = (from: string, to: string) =>
  `if(isNull(${from}) OR isNull(${to}), NULL, toFloat64(${ms(to)} - ${ms(from)}))`;
const perSecond = (tokens: string, from: string) =>
  `if(isNull(${from}) OR isNull(o.end_time), NULL, ${tokens} * 1e6 / nullIf(toUnixTimestamp64Micro(assumeNotNull(o.end_time)) - toUnixTimestamp64Micro(assumeNotNull(${from})), 0))`;
const tokens = (sqlText: string) => `ifNull(${sqlText}, 0)`;

/** The details with their total, as pairs: a row for each. */
export const pairsOf = (kind: DetailsKind) => {
  const details = `CAST(${detailsSql(kind)}, 'Map(String, Float64)')`;
  return `arrayJoin(if(empty(${details}), [], arrayZip(
    mapKeys(mapUpdate(${details}, map('total', ifNull(${totalSql(kind)}, 0)))),
    mapValues(mapUpdate(${details}, map('total', ifNull(${totalSql(kind)}, 0)))))))`;
};

const traceJoin = (tables: Tables, on: string) => () =>
  sql`LEFT JOIN (SELECT id, name, user_id, session_id, tags, release, version, timestamp FROM ${tables.traces} FINAL) AS t ON t.id = ${raw(on)}`;
const ofTraces = (inRange: InRange) => inRange('t.timestamp');
const TAGS = `arrayMap(tag -> toString(tag), t.tags)`;

export function viewSql(tables: Tables, version: MetricsVersion, view: string): ViewSql {
  if (view === 'traces') return traceView(tables);
  return view === 'observations' ? observationView(tables, version) : scoreView(tables, version, view);
}

function observationView(tables: Tables, version: MetricsVersion): ViewSql {
  const traces = {
    traceName: version === 'v1' ? never('t.name') : 't.name',
    tags: TAGS,
    userId: 't.user_id',
    sessionId: 't.session_id',
    release: 't.release',
    traceRelease: 't.release',
    traceVersion: 't.version',
  };
  return {
    table: 'observations',
    alias: 'o',
    time: 'o.start_time',
    dimensions: {
      id: 'o.id',
      traceId: 'o.trace_id',
      parentObservationId: 'o.parent_id',
      environment: `if(o.environment = '', 'default', o.environment)`,
      type: 'o.type',
      name: 'o.name',
      level: 'o.level',
      version: 'o.version',
      providedModelName: 'o.model',
      promptName: 'o.prompt_name',
      promptVersion: 'toString(o.prompt_version)',
      startTimeMonth: month('o.start_time'),
      isRootObservation: isRootSql(tables).parts.join(''),
      costType: 'pair.1',
      usageType: 'pair.1',
      ...traces,
    },
    measures: {
      count: '1',
      latency: msBetween('o.start_time', 'o.end_time'),
      streamingLatency: msBetween('o.completion_start_time', 'o.end_time'),
      inputTokens: tokens(sideSql('usage', 'input')),
      outputTokens: tokens(sideSql('usage', 'output')),
      totalTokens: tokens(totalSql('usage')),
      outputTokensPerSecond: perSecond(tokens(sideSql('usage', 'output')), 'o.completion_start_time'),
      tokensPerSecond: perSecond(tokens(totalSql('usage')), 'o.start_time'),
      inputCost: tokens(sideSql('cost', 'input')),
      outputCost: tokens(sideSql('cost', 'output')),
      totalCost: totalSql('cost'),
      timeToFirstToken: msBetween('o.start_time', 'o.completion_start_time'),
      countScores: 'ifNull(scored.count, 0)',
      traceId: 'o.trace_id',
      uniqueUserIds: 't.user_id',
      uniqueSessionIds: 't.session_id',
      costByType: 'pair.2',
      usageByType: 'pair.2',
    },
    relations: { traces: ofTraces, scores: () => raw('ifNull(scored.count, 0) > 0') },
    joins: {
      t: traceJoin(tables, 'o.trace_id'),
      scored: (inRange) =>
        sql`LEFT JOIN (SELECT s.trace_id AS trace_id, s.observation_id AS observation_id, count() AS count FROM ${tables.scores} AS s FINAL
          WHERE s.observation_id IS NOT NULL AND ${inRange('s.timestamp')} GROUP BY trace_id, observation_id) AS scored
          ON scored.trace_id = o.trace_id AND scored.observation_id = o.id`,
    },
  };
}

function traceView(tables: Tables): ViewSql {
  return {
    table: 'traces',
    alias: 't',
    time: 't.timestamp',
    dimensions: {
      id: 't.id',
      name: never('t.name'),
      tags: TAGS,
      userId: 't.user_id',
      sessionId: 't.session_id',
      release: 't.release',
      version: 't.version',
      environment: `if(t.environment = '', 'default', t.environment)`,
      timestampMonth: month('t.timestamp'),
    },
    measures: {
      count: '1',
      observationsCount: 'ifNull(observed.count, 0)',
      scoresCount: 'ifNull(scored.count, 0)',
      uniqueUserIds: 'isNotNull(t.user_id)',
      uniqueSessionIds: 'isNotNull(t.session_id)',
      latency: 'observed.latency',
      totalTokens: 'ifNull(observed.tokens, 0)',
      totalCost: 'observed.cost',
    },
    relations: {
      observations: () => raw('ifNull(observed.count, 0) > 0'),
      scores: () => raw('ifNull(scored.count, 0) > 0'),
    },
    joins: {
      observed: (inRange) =>
        sql`LEFT JOIN (SELECT o.trace_id AS trace_id, count() AS count, sum(${raw(totalSql('usage'))}) AS tokens, sum(${raw(totalSql('cost'))}) AS cost,
          ${raw(`if(isNull(max(o.end_time)), NULL, toFloat64(${ms('max(o.end_time)')} - ${ms('min(o.start_time)')}))`)} AS latency
          FROM ${tables.observations} AS o FINAL WHERE ${inRange('o.start_time')} GROUP BY trace_id) AS observed ON observed.trace_id = t.id`,
      scored: (inRange) =>
        sql`LEFT JOIN (SELECT s.trace_id AS trace_id, count() AS count FROM ${tables.scores} AS s FINAL
          WHERE ${inRange('s.timestamp')} GROUP BY trace_id) AS scored ON scored.trace_id = t.id`,
    },
  };
}

const SCORE_VIEWS: Record<string, { where: string; dimensions: Record<string, string> }> = {
  'scores-numeric': { where: `s.data_type IN ('NUMERIC', 'BOOLEAN')`, dimensions: { value: 's.value' } },
  'scores-boolean': { where: `s.data_type = 'BOOLEAN'`, dimensions: { booleanValue: '(s.value = 1)' } },
  'scores-categorical': {
    where: `s.data_type = 'CATEGORICAL'`,
    dimensions: { stringValue: 's.string_value' },
  },
};

function scoreView(tables: Tables, version: MetricsVersion, view: string): ViewSql {
  const { where = '1', dimensions = {} } = SCORE_VIEWS[view] ?? {};
  return {
    table: 'scores',
    alias: 's',
    time: 's.timestamp',
    where,
    dimensions: {
      traceName: version === 'v1' ? never('t.name') : 't.name',
      tags: TAGS,
      userId: 't.user_id',
      traceRelease: 't.release',
      traceVersion: 't.version',
      observationName: never('o.name'),
      observationModelName: 'o.model',
      observationPromptName: 'o.prompt_name',
      observationPromptVersion: 'toString(o.prompt_version)',
      id: 's.id',
      environment: `if(s.environment = '', 'default', s.environment)`,
      name: 's.name',
      source: 's.source',
      dataType: 's.data_type',
      traceId: 's.trace_id',
      configId: 's.config_id',
      timestampMonth: month('s.timestamp'),
      timestampDay: day('s.timestamp'),
      observationId: 's.observation_id',
      sessionId: version === 'v1' ? 't.session_id' : 's.session_id',
      datasetRunId: 's.dataset_run_id',
      ...dimensions,
    },
    measures: { count: '1', value: 's.value' },
    relations: { traces: ofTraces, observations: (inRange) => inRange('o.start_time') },
    joins: {
      t: traceJoin(tables, 's.trace_id'),
      o: () =>
        sql`LEFT JOIN (SELECT trace_id, id, name, model, prompt_name, prompt_version, start_time FROM ${tables.observations} FINAL) AS o
          ON o.trace_id = s.trace_id AND o.id = s.observation_id`,
    },
  };
}
