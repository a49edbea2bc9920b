/** The views of metrics queries by name, in the two versions of the API: their dimensions and measures. The second has no traces. */

/** A column to group and to filter by. A text that may be missing is null in some dimensions and empty in others, as on a Langfuse server. */
export interface Dimension {
  readonly type: 'text' | 'number' | 'flag' | 'texts';
  /** False: a missing text is empty. An environment that is missing is `default` in any case. */
  readonly isNullable: boolean;
  /** A relation that rows must have: with this dimension the view leaves out all other rows. */
  readonly relation?: string;
  /** Almost every row has a value of its own: the second version of the API groups by it only for the top rows. */
  readonly isUnbounded?: true;
  /** The keys of the cost or usage details are the values: a row counts once for each of them. No filter has it. */
  readonly pairs?: 'cost' | 'usage';
}

/** A figure of one row, or a text that can only be counted. */
export interface Measure {
  readonly type: 'number' | 'text';
  /** Whether rows may be without it. A sum over no rows is then null, else 0. */
  readonly isNullable: boolean;
  readonly relation?: string;
  /** The dimension whose pairs have the value: it is added to those of the query. */
  readonly dimension?: string;
}

export interface MetricsView {
  /** The name of its time in filters. */
  readonly time: string;
  readonly dimensions: Readonly<Record<string, Dimension>>;
  readonly measures: Readonly<Record<string, Measure>>;
}

export type MetricsVersion = 'v1' | 'v2';

const TEXT: Dimension = { type: 'text', isNullable: true };
const NEVER_NULL: Dimension = { type: 'text', isNullable: false };
const TEXTS: Dimension = { type: 'texts', isNullable: false };
const FLAG: Dimension = { type: 'flag', isNullable: false };
const COUNT: Measure = { type: 'number', isNullable: false };
const FIGURE: Measure = { type: 'number', isNullable: true };
/** For counts of different values. */
const COUNTABLE: Measure = { type: 'text', isNullable: true };

const unbounded = (dimension: Dimension): Dimension => ({ ...dimension, isUnbounded: true });
const related = <T extends Dimension | Measure>(relation: string, to: T): T => ({ ...to, relation });

/** Observations and scores of a trace count only within the time range, as on the server. */
const TRACES: MetricsView = {
  time: 'timestamp',
  dimensions: {
    id: NEVER_NULL,
    name: NEVER_NULL,
    tags: TEXTS,
    userId: TEXT,
    sessionId: TEXT,
    release: TEXT,
    version: TEXT,
    environment: NEVER_NULL,
    timestampMonth: NEVER_NULL,
  },
  measures: {
    count: COUNT,
    observationsCount: related('observations', COUNT),
    scoresCount: related('scores', COUNT),
    uniqueUserIds: COUNT,
    uniqueSessionIds: COUNT,
    latency: related('observations', FIGURE),
    totalTokens: related('observations', COUNT),
    totalCost: related('observations', FIGURE),
  },
};

const OBSERVATION_DIMENSIONS = {
  environment: NEVER_NULL,
  type: NEVER_NULL,
  name: NEVER_NULL,
  level: NEVER_NULL,
  version: TEXT,
  providedModelName: TEXT,
  promptName: TEXT,
  /** Filters compare it as text. */
  promptVersion: TEXT,
  startTimeMonth: NEVER_NULL,
};

const OBSERVATION_MEASURES = {
  count: COUNT,
  /** In milliseconds, as the others of time. */
  latency: FIGURE,
  streamingLatency: FIGURE,
  inputTokens: COUNT,
  outputTokens: COUNT,
  totalTokens: COUNT,
  outputTokensPerSecond: FIGURE,
  tokensPerSecond: FIGURE,
  inputCost: COUNT,
  outputCost: COUNT,
  totalCost: FIGURE,
  timeToFirstToken: FIGURE,
  countScores: related('scores', COUNT),
};

const OBSERVATIONS_V1: MetricsView = {
  time: 'start_time',
  dimensions: {
    ...OBSERVATION_DIMENSIONS,
    id: NEVER_NULL,
    traceId: NEVER_NULL,
    parentObservationId: TEXT,
    traceName: related('traces', NEVER_NULL),
    tags: related('traces', TEXTS),
    userId: related('traces', TEXT),
    sessionId: related('traces', TEXT),
    traceRelease: related('traces', TEXT),
    traceVersion: related('traces', TEXT),
  },
  measures: OBSERVATION_MEASURES,
};

const OBSERVATIONS_V2: MetricsView = {
  time: 'start_time',
  dimensions: {
    ...OBSERVATION_DIMENSIONS,
    id: unbounded(NEVER_NULL),
    traceId: unbounded(NEVER_NULL),
    parentObservationId: unbounded(TEXT),
    environment: TEXT,
    isRootObservation: FLAG,
    userId: unbounded(TEXT),
    sessionId: unbounded(TEXT),
    tags: TEXTS,
    release: TEXT,
    traceName: TEXT,
    traceRelease: TEXT,
    traceVersion: TEXT,
    costType: { ...NEVER_NULL, pairs: 'cost' },
    usageType: { ...NEVER_NULL, pairs: 'usage' },
  },
  measures: {
    ...OBSERVATION_MEASURES,
    traceId: COUNTABLE,
    uniqueUserIds: COUNTABLE,
    uniqueSessionIds: COUNTABLE,
    costByType: { ...COUNT, dimension: 'costType' },
    usageByType: { ...COUNT, dimension: 'usageType' },
  },
};

/** Of the trace and the observation that a score is about: scores of others are left out, as on the server. */
const SUBJECT_DIMENSIONS = {
  traceName: related('traces', NEVER_NULL),
  tags: related('traces', TEXTS),
  userId: related('traces', TEXT),
  traceRelease: related('traces', TEXT),
  traceVersion: related('traces', TEXT),
  observationName: related('observations', NEVER_NULL),
  observationModelName: related('observations', TEXT),
  observationPromptName: related('observations', TEXT),
  observationPromptVersion: related('observations', TEXT),
};

const SCORE_DIMENSIONS = {
  id: NEVER_NULL,
  environment: NEVER_NULL,
  name: NEVER_NULL,
  source: NEVER_NULL,
  dataType: NEVER_NULL,
  traceId: TEXT,
  configId: TEXT,
  timestampMonth: NEVER_NULL,
  timestampDay: NEVER_NULL,
  observationId: TEXT,
};

/** `numeric` has scores of the types NUMERIC and BOOLEAN, the others those of their own type. */
function scoreViews(own: Record<string, Dimension>): Record<string, MetricsView> {
  const counted = { count: COUNT };
  const valued = { ...counted, value: COUNT };
  const time = 'timestamp';
  return {
    'scores-numeric': {
      time,
      dimensions: { ...own, value: { type: 'number', isNullable: false } },
      measures: valued,
    },
    'scores-boolean': { time, dimensions: { ...own, booleanValue: FLAG }, measures: valued },
    'scores-categorical': { time, dimensions: { ...own, stringValue: TEXT }, measures: counted },
  };
}

const SCORES_V1 = scoreViews({
  ...SUBJECT_DIMENSIONS,
  /** That of the trace. */
  sessionId: related('traces', TEXT),
  ...SCORE_DIMENSIONS,
});

const SCORES_V2 = scoreViews({
  ...SUBJECT_DIMENSIONS,
  ...SCORE_DIMENSIONS,
  id: unbounded(NEVER_NULL),
  traceId: unbounded(TEXT),
  observationId: unbounded(TEXT),
  traceName: related('traces', TEXT),
  userId: unbounded(SUBJECT_DIMENSIONS.userId),
  /** That of the score. */
  sessionId: unbounded(TEXT),
  datasetRunId: unbounded(TEXT),
});

export const METRICS_VIEWS: Record<MetricsVersion, Readonly<Record<string, MetricsView>>> = {
  v1: { traces: TRACES, observations: OBSERVATIONS_V1, ...SCORES_V1 },
  v2: { observations: OBSERVATIONS_V2, ...SCORES_V2 },
};
