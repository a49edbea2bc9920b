/** What is new in a generation since an earlier one of the same trace. The address says with which it is compared. */

import { useEffect, useState } from 'preact/hooks';
import type { ObservationDetail, PayloadView } from '../../data/details.js';
import { segmentOf } from '../../path-segments.js';
import { getJson, isAbort } from '../server/api.js';
import type { TraceState } from '../trace/trace-state.js';
import { duration } from '../ui/format.js';
import { Problem } from '../ui/problem.js';
import { DiffView } from './diff-view.js';
import { generationsNear, previousGeneration } from './generations.js';

interface DiffProps {
  state: TraceState;
  /** Position of an observation in the columns. */
  at: number;
}

/** Opens and closes the panel. Nothing for an observation that cannot be compared. */
export function DiffButton({ state, at }: DiffProps) {
  if (othersOf(state, at).length === 0) return null;
  return (
    <button
      type="button"
      class="button"
      aria-expanded={state.diffWith.value !== null}
      title="Compare with another generation (d)"
      onClick={() => state.toggleDiff()}
    >
      What is new
    </button>
  );
}

export function DiffPanel({ state, at }: DiffProps) {
  const columns = state.detail.value?.observations;
  const chosen = state.diffWith.value;
  const near = othersOf(state, at);
  if (columns === undefined || chosen === null || near.length === 0) return null;
  const wanted = chosen === '' ? -1 : columns.id.indexOf(chosen);
  const other = near.includes(wanted) ? wanted : (previousGeneration(columns, at) ?? (near[0] as number));
  const labelOf = (position: number) =>
    `${columns.name[position] || 'unnamed'} at +${duration(columns.startUs[position] ?? null)}`;
  return (
    <section class="diff-panel" aria-label="What is new">
      <label>
        What is new since{' '}
        <select
          value={columns.id[other]}
          onChange={({ currentTarget }) => state.compareWith(currentTarget.value)}
        >
          {near.map((position) => (
            <option key={position} value={columns.id[position]}>
              {labelOf(position)}
            </option>
          ))}
        </select>
      </label>
      <Comparison state={state} before={columns.id[other] as string} after={columns.id[at] as string} />
    </section>
  );
}

/** Positions of the generations that it can be compared with. */
function othersOf(state: TraceState, at: number): number[] {
  const columns = state.detail.value?.observations;
  return columns?.type[at] === 'GENERATION' ? generationsNear(columns, at) : [];
}

interface ComparisonProps {
  state: TraceState;
  /** Ids of observations. */
  before: string;
  after: string;
}

function Comparison({ state, before, after }: ComparisonProps) {
  const [sides, setSides] = useState<[ObservationDetail, ObservationDetail] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const reading = state.reading.value;
  useEffect(() => {
    const controller = new AbortController();
    const read = (id: string) => {
      const path = `trace/${segmentOf(state.traceId)}/observation/${segmentOf(id)}`;
      return getJson<ObservationDetail>(path, 'all=true', controller.signal);
    };
    Promise.all([read(before), read(after)]).then(
      (answers) => {
        setSides(answers);
        setProblem(null);
      },
      (error: Error) => {
        if (!isAbort(error)) setProblem(error.message);
      },
    );
    return () => controller.abort();
  }, [before, after, reading]);
  if (problem !== null) return <Problem text={problem} />;
  if (sides === null) return <p class="muted">Loading…</p>;
  const [old, new_] = sides;
  return (
    <>
      <DiffView label="Input" before={textOf(old.input)} after={textOf(new_.input)} />
      <DiffView label="Output" before={textOf(old.output)} after={textOf(new_.output)} />
    </>
  );
}

function textOf(payload: PayloadView | null): string {
  return payload?.text ?? '';
}
