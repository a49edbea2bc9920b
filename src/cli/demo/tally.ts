/** Counts what a program has traced, independent of the client: the demo compares it with what was stored. */
import type { ObservationType } from '../../index.js';

export interface Tally {
  traces: number;
  readonly observations: Partial<Record<ObservationType, number>>;
  scores: number;
  /** Scores with a number, by name. */
  readonly numericScores: Map<string, { sum: number; count: number }>;
}

export function createTally(): Tally {
  return { traces: 0, observations: {}, scores: 0, numericScores: new Map() };
}

export function countObservation({ observations }: Tally, type: ObservationType): void {
  observations[type] = (observations[type] ?? 0) + 1;
}

/** Booleans count as 1 and 0, as they are stored. */
export function countScore(
  tally: Tally,
  { name, value }: { readonly name: string; readonly value: number | string | boolean },
): void {
  tally.scores++;
  if (typeof value === 'string') return;
  const entry = tally.numericScores.get(name);
  if (entry === undefined) tally.numericScores.set(name, { sum: Number(value), count: 1 });
  else {
    entry.sum += Number(value);
    entry.count++;
  }
}

export function totalObservations({ observations }: Tally): number {
  return Object.values(observations).reduce((sum, count) => sum + count, 0);
}

/** Each trace, observation and score is one event. */
export function totalEvents(tally: Tally): number {
  return tally.traces + totalObservations(tally) + tally.scores;
}

export function scoreMeans({ numericScores }: Tally): Record<string, number> {
  return Object.fromEntries([...numericScores].map(([name, { sum, count }]) => [name, sum / count]));
}
