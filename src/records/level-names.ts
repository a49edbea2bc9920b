/** The words for a level, Langfuse's own and those of other vocabularies: what a server understands, and so the client. */
import type { ObservationLevel } from './records.js';

/** As `OBSERVATION_LEVEL_ALIASES` in Langfuse's packages/shared/src/server/otel/OtelIngestionProcessor.ts. */
const LEVEL_OF_WORD: ReadonlyMap<string, ObservationLevel> = new Map([
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

/** In any case. Undefined for what is no level. */
export function levelOfWord(word: string): ObservationLevel | undefined {
  return LEVEL_OF_WORD.get(word.trim().toUpperCase());
}
