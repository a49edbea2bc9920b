/** The view `traces` of metrics queries, of the first version of the API alone. */

import { totalSql } from '../derived-sql.js';
import {
  environment,
  inRange,
  millisecondsBetween,
  monthOf,
  neverNull,
  texts,
  type ViewSql,
} from './view.js';

/** Their observations and scores count only within the time range, as on the server. */
const ofObservations = (select: string) =>
  `(SELECT ${select} FROM observations AS x WHERE x.trace_id = t.id AND ${inRange('x.start_us')})`;
const ofScores = (select: string) =>
  `(SELECT ${select} FROM scores AS x WHERE x.trace_id = t.id AND ${inRange('x.timestamp_us')})`;

export const TRACE_VIEW: ViewSql = {
  from: `traces AS t LEFT JOIN observations AS r ON r.trace_id = t.id AND r.id = t.root_id`,
  time: 't.timestamp_us',
  metadata: 't.metadata',
  dimensions: {
    id: neverNull('t.id'),
    name: neverNull('coalesce(t.name, r.name)'),
    tags: texts('t.tags'),
    userId: 't.user_id',
    sessionId: 't.session_id',
    release: 't.release',
    version: 't.version',
    environment: environment('t'),
    timestampMonth: neverNull(monthOf('t.timestamp_us')),
  },
  measures: {
    count: '1',
    observationsCount: ofObservations('count(*)'),
    scoresCount: ofScores('count(*)'),
    uniqueUserIds: '(t.user_id IS NOT NULL)',
    uniqueSessionIds: '(t.session_id IS NOT NULL)',
    latency: ofObservations(millisecondsBetween('min(x.start_us)', 'max(x.end_us)')),
    totalTokens: ofObservations(`coalesce(sum(${totalSql('x', 'usage')}), 0)`),
    totalCost: ofObservations(`sum(${totalSql('x', 'cost')})`),
  },
  relations: {
    observations: `EXISTS ${ofObservations('1')}`,
    scores: `EXISTS ${ofScores('1')}`,
  },
};
