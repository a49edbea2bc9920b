/** What differs between two aligned observations. */

import type { ScoreView } from '../../data/feedback.js';
import type { Digests } from '../../data/summary.js';
import type { ObservationColumns, TraceDetail } from '../../data/trace.js';
import type { AlignedPair } from '../../trace-alignment.js';
import { share } from '../ui/format.js';

/** One of the two traces. */
export interface Side {
  detail: TraceDetail;
  columns: ObservationColumns;
  traceScores: ScoreView[];
  digests: Digests;
  /** By position in the columns; null: there is none. */
  idOf(position: number): string | null;
  /** As a text. */
  scoresOf(position: number): string;
  /** Of the input and the output; undefined: not read. */
  digestOf(position: number): { input: string | null; output: string | null } | undefined;
}

export function sideOf(detail: TraceDetail, digests: Digests): Side {
  const columns = detail.observations;
  const digested = new Map(digests.id.map((id, at): [string, number] => [id, at]));
  const scores = new Map<string, string[]>();
  for (const { observationId, name, value } of detail.scores) {
    if (observationId === null) continue;
    scores.set(observationId, [...(scores.get(observationId) ?? []), `${name} ${value}`]);
  }
  const idOf = (position: number) => (position < 0 ? null : (columns.id[position] as string));
  return {
    detail,
    columns,
    digests,
    traceScores: detail.scores.filter(({ observationId }) => observationId === null),
    idOf,
    scoresOf: (position) => (scores.get(idOf(position) ?? '') ?? []).sort().join(', '),
    digestOf(position) {
      const at = digested.get(idOf(position) ?? '');
      if (at === undefined) return undefined;
      return { input: digests.input[at] ?? null, output: digests.output[at] ?? null };
    },
  };
}

/** In words, for the marks of a row. Empty: nothing differs but figures. */
export function differencesOf([a, b]: [Side, Side], { a: atA, b: atB }: AlignedPair): string[] {
  if (atA < 0) return ['only in B'];
  if (atB < 0) return ['only in A'];
  const [ofA, ofB] = [a.columns, b.columns];
  const [digestA, digestB] = [a.digestOf(atA), b.digestOf(atB)];
  const isRead = digestA !== undefined && digestB !== undefined;
  const found: [boolean, string][] = [
    [ofA.name[atA] !== ofB.name[atB], 'name'],
    [ofA.model[atA] !== ofB.model[atB], 'model'],
    [ofA.level[atA] !== ofB.level[atB], 'level'],
    [ofA.status[atA] !== ofB.status[atB], 'status'],
    [isRead && digestA.input !== digestB.input, 'input'],
    [isRead && digestA.output !== digestB.output, 'output'],
    [a.scoresOf(atA) !== b.scoresOf(atB), 'scores'],
  ];
  return found.filter(([differs]) => differs).map(([, what]) => what);
}

/** From `a` to `b`: the difference with its sign, and its share of `a`; empty: there is none, or one is unknown. */
export function changeOf(a: number | null, b: number | null, format?: (value: number) => string): string {
  if (a === null || b === null || a === b) return '';
  const sign = b > a ? '+' : '−';
  const parts = format === undefined ? [] : [`${sign}${format(Math.abs(b - a))}`];
  if (a !== 0) parts.push(`${sign}${share(Math.abs((b - a) / a))}`);
  return parts.join(' · ');
}
