/** What differs between two aligned observations. */

import type { ScoreView, TraceDetail } from '../../page-data.js';
import type { Digests } from '../../summary-data.js';
import type { TraceModel } from '../trace/trace-model.js';
import { share } from '../ui/format.js';
import type { AlignedPair } from './align.js';

/** One of the two traces. */
export interface Side {
  detail: TraceDetail;
  model: TraceModel;
  traceScores: ScoreView[];
  digests: Digests;
  /** Of a row; null: there is none. */
  idOf(row: number): string | null;
  /** The scores of a row, as a text. */
  scoresOf(row: number): string;
  /** Digests of the input and output of a row; undefined: not read. */
  digestOf(row: number): { input: string | null; output: string | null } | undefined;
}

export function sideOf(detail: TraceDetail, model: TraceModel, digests: Digests): Side {
  const positions = new Map(digests.id.map((id, at): [string, number] => [id, at]));
  const scores = new Map<string, string[]>();
  for (const { observationId, name, value } of detail.scores) {
    if (observationId === null) continue;
    scores.set(observationId, [...(scores.get(observationId) ?? []), `${name} ${value}`]);
  }
  const idOf = (row: number) => (row < 0 ? null : (model.columns.id[model.order[row] as number] as string));
  return {
    detail,
    model,
    digests,
    traceScores: detail.scores.filter(({ observationId }) => observationId === null),
    idOf,
    scoresOf: (row) => (scores.get(idOf(row) ?? '') ?? []).sort().join(', '),
    digestOf(row) {
      const at = positions.get(idOf(row) ?? '');
      if (at === undefined) return undefined;
      return { input: digests.input[at] ?? null, output: digests.output[at] ?? null };
    },
  };
}

/** In words, for the marks of a row. Empty: nothing differs but figures. */
export function differencesOf([a, b]: [Side, Side], { a: rowOfA, b: rowOfB }: AlignedPair): string[] {
  if (rowOfA < 0) return ['only in B'];
  if (rowOfB < 0) return ['only in A'];
  const [atA, atB] = [a.model.order[rowOfA] as number, b.model.order[rowOfB] as number];
  const [ofA, ofB] = [a.model.columns, b.model.columns];
  const [digestA, digestB] = [a.digestOf(rowOfA), b.digestOf(rowOfB)];
  const isRead = digestA !== undefined && digestB !== undefined;
  const found: [boolean, string][] = [
    [ofA.name[atA] !== ofB.name[atB], 'name'],
    [ofA.model[atA] !== ofB.model[atB], 'model'],
    [ofA.level[atA] !== ofB.level[atB], 'level'],
    [ofA.status[atA] !== ofB.status[atB], 'status'],
    [isRead && digestA.input !== digestB.input, 'input'],
    [isRead && digestA.output !== digestB.output, 'output'],
    [a.scoresOf(rowOfA) !== b.scoresOf(rowOfB), 'scores'],
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
