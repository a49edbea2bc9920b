/** The names that Langfuse knows: types and levels of observations, data types of scores. */

export const OBSERVATION_TYPES = [
  'span',
  'generation',
  'event',
  'agent',
  'tool',
  'chain',
  'retriever',
  'evaluator',
  'embedding',
  'guardrail',
] as const;

export type ObservationType = (typeof OBSERVATION_TYPES)[number];

export const OBSERVATION_LEVELS = ['DEBUG', 'DEFAULT', 'WARNING', 'ERROR'] as const;

export type ObservationLevel = (typeof OBSERVATION_LEVELS)[number];

export const SCORE_DATA_TYPES = ['NUMERIC', 'CATEGORICAL', 'BOOLEAN', 'TEXT', 'CORRECTION'] as const;

export type ScoreDataType = (typeof SCORE_DATA_TYPES)[number];

/** As `OBSERVATION_LEVEL_ALIASES` in Langfuse's packages/shared/src/server/otel/OtelIngestionProcessor.ts. */
const LEVEL_OF_NAME: ReadonlyMap<string, ObservationLevel> = new Map([
  ['DEBUG', 'DEBUG'],
  ['TRACE', 'DEBUG'],
  ['VERBOSE', 'DEBUG'],
  ['DEFAULT', 'DEFAULT'],
  ['INFO', 'DEFAULT'],
  ['LOG', 'DEFAULT'],
  ['NOTICE', 'DEFAULT'],
  ['OK', 'DEFAULT'],
  ['SUCCESS', 'DEFAULT'],
  ['WARNING', 'WARNING'],
  ['WARN', 'WARNING'],
  ['ERROR', 'ERROR'],
  ['FATAL', 'ERROR'],
  ['CRITICAL', 'ERROR'],
]);

/** Upper and lower case are the same. Undefined: it names no level. */
export function levelOfName(name: string): ObservationLevel | undefined {
  return LEVEL_OF_NAME.get(name.trim().toUpperCase());
}
