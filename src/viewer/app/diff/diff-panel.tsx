/** What is new in a generation since an earlier one of the same trace. The address says with which it is compared. */

import { useEffect, useState } from 'preact/hooks';
import type { ObservationDetail, PayloadView } from '../../data/details.js';
import { getJson, isAbort } from '../server/api.js';
import type { TraceState } from '../trace/trace-state.js';
import { duration } from '../ui/format.js';
import { Problem } from '../ui/problem.js';
import { DiffView } from './diff-view.js';
import { generationsNear, previousGeneration } from './generations.js';

interface DiffPanelProps {
  state: TraceState;
  /** Position of the generation in the columns. */
  at: number;
}

export function DiffPanel({ state, at }: DiffPanelProps) {
  const columns = state.detail.value?.observations;
  if (columns === undefined || columns.type[at] !== 'GENERATION') return null;
  const previous = previousGeneration(columns, at);
  const chosen = state.diffWith.value;
  const near = generationsNear(columns, at);
  if (near.length === 0) return null;
  const isOpen = chosen !== null;
  const wanted = chosen === null || chosen === '' ? -1 : columns.id.indexOf(chosen);
  const other = near.includes(wanted) ? wanted : (previous ?? (near[0] as number));
  const labelOf = (position: number) =>
    `${columns.name[position] || 'unnamed'} at +${duration(columns.startUs[position] ?? 0)}`;
  return (
    <div class="diff-panel">
      <div class="diff-tools">
        <button
          type="button"
          class="button"
          aria-expanded={isOpen}
          title="Compare with another generation (d)"
          onClick={() => state.toggleDiff()}
        >
          What is new
        </button>
        {isOpen && (
          <label>
            since{' '}
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
        )}
      </div>
      {isOpen && (
        <Comparison state={state} before={columns.id[other] as string} after={columns.id[at] as string} />
      )}
    </div>
  );
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
      const path = `trace/${encodeURIComponent(state.traceId)}/observation/${encodeURIComponent(id)}`;
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
