/** The SQL of the views of metrics queries by name, in the two versions of the API. */

import type { MetricsVersion } from '../../contract/metrics-views.js';
import { OBSERVATION_VIEW_V1, OBSERVATION_VIEW_V2 } from './observation-views.js';
import { SCORE_VIEWS_V1, SCORE_VIEWS_V2 } from './score-views.js';
import { TRACE_VIEW } from './trace-view.js';
import type { ViewSql } from './view.js';

export const VIEWS_SQL: Record<MetricsVersion, Readonly<Record<string, ViewSql>>> = {
  v1: { traces: TRACE_VIEW, observations: OBSERVATION_VIEW_V1, ...SCORE_VIEWS_V1 },
  v2: { observations: OBSERVATION_VIEW_V2, ...SCORE_VIEWS_V2 },
};
