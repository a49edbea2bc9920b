/** The views of scores of metrics queries (numeric, boolean, categorical), in the two versions of the API. */

import { SCORE_SOURCE } from '../derived-sql.js';
import { dayOf, environment, inRange, monthOf, neverNull, texts, type ViewSql } from './view.js';

/** Of the trace and the observation that a score is about: scores of others are left out, as on the server. */
const SUBJECT_DIMENSIONS = {
  traceName: neverNull('coalesce(t.name, r.name)'),
  tags: texts('t.tags'),
  userId: 't.user_id',
  traceRelease: 't.release',
  traceVersion: 't.version',
  observationName: neverNull('o.name'),
  observationModelName: 'o.model',
  observationPromptName: 'o.prompt_name',
  observationPromptVersion: 'o.prompt_version',
};

const SCORE_DIMENSIONS = {
  id: neverNull('s.id'),
  environment: environment('s'),
  name: neverNull('s.name'),
  source: neverNull(SCORE_SOURCE),
  dataType: neverNull('s.data_type'),
  traceId: 's.trace_id',
  configId: 's.config_id',
  timestampMonth: neverNull(monthOf('s.timestamp_us')),
  timestampDay: neverNull(dayOf('s.timestamp_us')),
  observationId: 's.observation_id',
};

const DIMENSIONS_V1 = {
  ...SUBJECT_DIMENSIONS,
  sessionId: 't.session_id',
  ...SCORE_DIMENSIONS,
};

const DIMENSIONS_V2 = {
  ...SUBJECT_DIMENSIONS,
  ...SCORE_DIMENSIONS,
  traceName: 'coalesce(t.name, r.name)',
  sessionId: 's.session_id',
  datasetRunId: 's.dataset_run_id',
};

function scoreViews(own: Record<string, string>): Record<ScoreView, ViewSql> {
  const shared = {
    from: `scores AS s LEFT JOIN traces AS t ON t.id = s.trace_id
      LEFT JOIN observations AS r ON r.trace_id = t.id AND r.id = t.root_id
      LEFT JOIN observations AS o ON o.trace_id = s.trace_id AND o.id = s.observation_id`,
    time: 's.timestamp_us',
    metadata: 's.metadata',
    relations: { traces: inRange('t.timestamp_us'), observations: inRange('o.start_us') },
  };
  const counted = { count: '1' };
  const valued = { ...counted, value: 's.value' };
  return {
    'scores-numeric': {
      ...shared,
      where: `s.data_type IN ('NUMERIC', 'BOOLEAN')`,
      dimensions: { ...own, value: 's.value' },
      measures: valued,
    },
    'scores-boolean': {
      ...shared,
      where: `s.data_type = 'BOOLEAN'`,
      dimensions: { ...own, booleanValue: '(s.value = 1)' },
      measures: valued,
    },
    'scores-categorical': {
      ...shared,
      where: `s.data_type = 'CATEGORICAL'`,
      dimensions: { ...own, stringValue: 's.string_value' },
      measures: counted,
    },
  };
}

type ScoreView = 'scores-numeric' | 'scores-boolean' | 'scores-categorical';

export const SCORE_VIEWS_V1 = scoreViews(DIMENSIONS_V1);
export const SCORE_VIEWS_V2 = scoreViews(DIMENSIONS_V2);
