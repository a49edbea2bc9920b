/** The views of metrics queries by name, in the two versions of the API: the second has no traces. */

import { OBSERVATION_VIEW_V1, OBSERVATION_VIEW_V2 } from './observation-views.js';
import { SCORE_VIEWS_V1, SCORE_VIEWS_V2 } from './score-views.js';
import { TRACE_VIEW } from './trace-view.js';
import type { MetricsView } from './view.js';

export type MetricsVersion = 'v1' | 'v2';

export const METRICS_VIEWS: Record<MetricsVersion, Readonly<Record<string, MetricsView>>> = {
  v1: { traces: TRACE_VIEW, observations: OBSERVATION_VIEW_V1, ...SCORE_VIEWS_V1 },
  v2: { observations: OBSERVATION_VIEW_V2, ...SCORE_VIEWS_V2 },
};
