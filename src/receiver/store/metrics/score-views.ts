/** The views of scores of metrics queries (numeric, boolean, categorical), in the two versions of the API. */

import { SCORE_SOURCE } from '../derived-sql.js';
import {
  count,
  type Dimension,
  dayOf,
  environment,
  inRange,
  type Measure,
  type MetricsView,
  monthOf,
  neverNull,
  related,
  text,
  texts,
  unbounded,
} from './view.js';

/** Of the trace and the observation that a score is about: scores of others are left out, as on the server. */
const SUBJECT_DIMENSIONS: Record<string, Dimension> = {
  traceName: related('traces', neverNull('coalesce(t.name, r.name)')),
  tags: related('traces', texts('t.tags')),
  userId: related('traces', text('t.user_id')),
  traceRelease: related('traces', text('t.release')),
  traceVersion: related('traces', text('t.version')),
  observationName: related('observations', neverNull('o.name')),
  observationModelName: related('observations', text('o.model')),
  observationPromptName: related('observations', text('o.prompt_name')),
  observationPromptVersion: related('observations', text('o.prompt_version')),
};

const SCORE_DIMENSIONS: Record<string, Dimension> = {
  id: neverNull('s.id'),
  environment: environment('s'),
  name: neverNull('s.name'),
  source: neverNull(SCORE_SOURCE),
  dataType: neverNull('s.data_type'),
  traceId: text('s.trace_id'),
  configId: text('s.config_id'),
  timestampMonth: neverNull(monthOf('s.timestamp_us')),
  timestampDay: neverNull(dayOf('s.timestamp_us')),
  observationId: text('s.observation_id'),
};

const DIMENSIONS_V1 = {
  ...SUBJECT_DIMENSIONS,
  sessionId: related('traces', text('t.session_id')),
  ...SCORE_DIMENSIONS,
};

const DIMENSIONS_V2 = {
  ...SUBJECT_DIMENSIONS,
  ...SCORE_DIMENSIONS,
  ...Object.fromEntries(
    ['id', 'traceId', 'observationId'].map((name) => [name, unbounded(SCORE_DIMENSIONS[name] as Dimension)]),
  ),
  traceName: related('traces', text('coalesce(t.name, r.name)')),
  userId: unbounded(SUBJECT_DIMENSIONS.userId as Dimension),
  sessionId: unbounded(text('s.session_id')),
  datasetRunId: unbounded(text('s.dataset_run_id')),
};

function scoreViews(own: Record<string, Dimension>): Record<ScoreView, MetricsView> {
  const shared = {
    from: `scores AS s LEFT JOIN traces AS t ON t.id = s.trace_id
      LEFT JOIN observations AS r ON r.trace_id = t.id AND r.id = t.root_id
      LEFT JOIN observations AS o ON o.trace_id = s.trace_id AND o.id = s.observation_id`,
    time: { name: 'timestamp', sql: 's.timestamp_us' },
    metadata: 's.metadata',
    relations: { traces: inRange('t.timestamp_us'), observations: inRange('o.start_us') },
  };
  const counted: Record<string, Measure> = { count: count('1') };
  const valued: Record<string, Measure> = { ...counted, value: count('s.value') };
  const value: Dimension = { sql: 's.value', type: 'number', isNullable: false };
  const booleanValue: Dimension = { sql: '(s.value = 1)', type: 'flag', isNullable: false };
  return {
    'scores-numeric': {
      ...shared,
      where: `s.data_type IN ('NUMERIC', 'BOOLEAN')`,
      dimensions: { ...own, value },
      measures: valued,
    },
    'scores-boolean': {
      ...shared,
      where: `s.data_type = 'BOOLEAN'`,
      dimensions: { ...own, booleanValue },
      measures: valued,
    },
    'scores-categorical': {
      ...shared,
      where: `s.data_type = 'CATEGORICAL'`,
      dimensions: { ...own, stringValue: text('s.string_value') },
      measures: counted,
    },
  };
}

type ScoreView = 'scores-numeric' | 'scores-boolean' | 'scores-categorical';

export const SCORE_VIEWS_V1 = scoreViews(DIMENSIONS_V1);
export const SCORE_VIEWS_V2 = scoreViews(DIMENSIONS_V2);
