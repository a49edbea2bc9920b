/** Steps in short: each maker is one call of an application. */
import { createHash } from 'node:crypto';
import type { GenerationBody, ScoreBody, TraceBody } from 'tailrace';
import type { ObservationType } from '../../../src/records/vocabulary.js';
import type { Step, Subject } from './steps.js';

/** The day of all times that the program gives; others are the clock's. */
export const PROGRAM_DAY = '2026-03-01';

export const at = (ms: number): Date => new Date(Date.UTC(2026, 2, 1, 12) + ms);
export const traceIdOf = (number: number): string => `ab${String(number).padStart(30, '0')}`;

export const trace = (key: string, body: TraceBody): Step => ({ do: 'trace', key, body });
export const updateTrace = (key: string, body: TraceBody): Step => ({ do: 'updateTrace', key, body });
export const update = (key: string, body: GenerationBody): Step => ({ do: 'update', key, body });
export const end = (key: string, body: GenerationBody): Step => ({ do: 'end', key, body });
export const finish = (key: string, endTime: Date): Step => ({ do: 'finish', key, endTime });
export const score = (of: Subject, body: ScoreBody): Step => ({ do: 'score', of, body });
export const flush: Step = { do: 'flush' };

export function start(key: string, type: ObservationType, inside: string | null, body: GenerationBody): Step {
  return { do: 'start', key, type, inside, body: { id: spanIdOf(key), name: key, ...body } };
}

/** Any 16 digits, and always the same. */
function spanIdOf(key: string): string {
  return createHash('sha256').update(`observation ${key}`).digest('hex').slice(0, 16);
}
