/** The view `traces` of metrics queries, of the first version of the API alone. */

import { totalSql } from '../derived-sql.js';
import {
  count,
  environment,
  figure,
  inRange,
  type MetricsView,
  millisecondsBetween,
  monthOf,
  neverNull,
  related,
  text,
  texts,
} from './view.js';

/** Their observations and scores count only within the time range, as on the server. */
const ofObservations = (select: string) =>
  `(SELECT ${select} FROM observations AS x WHERE x.trace_id = t.id AND ${inRange('x.start_us')})`;
const ofScores = (select: string) =>
  `(SELECT ${select} FROM scores AS x WHERE x.trace_id = t.id AND ${inRange('x.timestamp_us')})`;

export const TRACE_VIEW: MetricsView = {
  from: `traces AS t LEFT JOIN observations AS r ON r.trace_id = t.id AND r.id = t.root_id`,
  time: { name: 'timestamp', sql: 't.timestamp_us' },
  metadata: 't.metadata',
  dimensions: {
    id: neverNull('t.id'),
    name: neverNull('coalesce(t.name, r.name)'),
    tags: texts('t.tags'),
    userId: text('t.user_id'),
    sessionId: text('t.session_id'),
    release: text('t.release'),
    version: text('t.version'),
    environment: environment('t'),
    timestampMonth: neverNull(monthOf('t.timestamp_us')),
  },
  measures: {
    count: count('1'),
    observationsCount: related('observations', count(ofObservations('count(*)'))),
    scoresCount: related('scores', count(ofScores('count(*)'))),
    uniqueUserIds: count('(t.user_id IS NOT NULL)'),
    uniqueSessionIds: count('(t.session_id IS NOT NULL)'),
    latency: related(
      'observations',
      figure(ofObservations(millisecondsBetween('min(x.start_us)', 'max(x.end_us)'))),
    ),
    totalTokens: related(
      'observations',
      count(ofObservations(`coalesce(sum(${totalSql('x', 'usage')}), 0)`)),
    ),
    totalCost: related('observations', figure(ofObservations(`sum(${totalSql('x', 'cost')})`))),
  },
  relations: {
    observations: `EXISTS ${ofObservations('1')}`,
    scores: `EXISTS ${ofScores('1')}`,
  },
};
