/** The details of what is selected: an observation, or the trace itself. They are read when they are opened. */

import { useEffect, useState } from 'preact/hooks';
import type { ObservationDetail, Payloads } from '../../data/details.js';
import { segmentOf } from '../../path-segments.js';
import { DiffButton, DiffPanel } from '../diff/diff-panel.js';
import { Feedback } from '../feedback/feedback.js';
import { getJson, isAbort } from '../server/api.js';
import type { TraceModel } from '../trace/trace-model.js';
import type { TraceState } from '../trace/trace-state.js';
import { count, readableLines } from '../ui/format.js';
import { Icon, TypeIcon } from '../ui/icons.js';
import { Problem } from '../ui/problem.js';
import { isNarrow } from '../ui/screen.js';
import { CopyTools } from './copy-tools.js';
import { Facts } from './facts.js';
import { PayloadSection } from './payload-view.js';
import { SpanDetails } from './span-details.js';

export function Details({ state }: { state: TraceState }) {
  const row = state.selectedRow.value;
  const id = row < 0 ? null : state.idOf(row);
  const isUnknown = row < 0 && state.selectedId.value !== null;
  return (
    <section class="details" aria-label="Details" tabIndex={0}>
      {isNarrow.value && row >= 0 && (
        <button type="button" class="button" onClick={() => state.select(-1)}>
          <Icon name="back" /> Observations
        </button>
      )}
      {isUnknown && <p class="notice">This trace has no observation {state.selectedId.value}.</p>}
      {id === null ? <OfTrace state={state} /> : <OfObservation key={id} state={state} row={row} id={id} />}
    </section>
  );
}

/** Reads again when the trace has changed; what is shown stays meanwhile. */
function useData<T>(
  path: string,
  reading: number,
): { data: T | null; problem: string | null; showAll(): void } {
  const [data, setData] = useState<T | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isWhole, setWhole] = useState(false);
  useEffect(() => {
    const controller = new AbortController();
    getJson<T>(path, isWhole ? 'all=true' : '', controller.signal).then(
      (answer) => {
        setData(answer);
        setProblem(null);
      },
      (error: Error) => {
        if (!isAbort(error)) setProblem(error.message);
      },
    );
    return () => controller.abort();
  }, [path, isWhole, reading]);
  return { data, problem, showAll: () => setWhole(true) };
}

function OfTrace({ state }: { state: TraceState }) {
  const id = segmentOf(state.traceId);
  const { data, problem, showAll } = useData<Payloads>(`trace/${id}/payloads`, state.reading.value);
  const shared = { payloads: data, base: `/trace/${id}`, onShowAll: showAll, name: state.traceId };
  return (
    <>
      <h2>
        <Icon name="trace" class="type" /> Trace
      </h2>
      <Feedback state={state} target={null}>
        {data !== null && (
          <CopyTools path={`trace/${id}/payloads`} data={data} traceId={state.traceId} observationId={null} />
        )}
      </Feedback>
      <Problem text={problem} />
      {data === null ? <p class="muted">Loading…</p> : <PayloadSections {...shared} />}
    </>
  );
}

interface OfObservationProps {
  state: TraceState;
  row: number;
  id: string;
}

function OfObservation({ state, row, id }: OfObservationProps) {
  const model = state.model.value as TraceModel;
  const at = model.order[row] as number;
  const path = `trace/${segmentOf(state.traceId)}/observation/${segmentOf(id)}`;
  const { data, problem, showAll } = useData<ObservationDetail>(path, state.reading.value);
  const base = `/trace/${segmentOf(state.traceId)}/${segmentOf(id)}`;
  const level = model.columns.level[at] as string;
  const status = data?.statusMessage ?? model.columns.status[at] ?? null;
  const startUs = (state.detail.value?.trace.startUs ?? 0) + (model.columns.startUs[at] ?? 0);
  const isGeneration = model.columns.type[at] === 'GENERATION';
  return (
    <>
      <h2>
        <TypeIcon type={model.columns.type[at] as string} />
        <span class="details-name" title={model.columns.name[at] ?? ''}>
          {model.columns.name[at] || 'unnamed'}
        </span>
        <span class="badge">{model.columns.type[at]}</span>
        {level !== 'DEFAULT' && (
          <span class={`badge level-${level === 'ERROR' ? 'error' : 'warning'}`}>{level}</span>
        )}
      </h2>
      {status !== null && <Status text={status} isError={level === 'ERROR'} />}
      <Facts state={state} at={at} id={id} data={data} />
      <Feedback state={state} target={id}>
        {data !== null && (
          <>
            <CopyTools
              path={path}
              data={data}
              traceId={state.traceId}
              observationId={id}
              {...(isGeneration && { model: model.columns.model[at] ?? null })}
            />
            <DiffButton state={state} at={at} />
          </>
        )}
      </Feedback>
      <Problem text={problem} />
      {data === null ? (
        <p class="muted">Loading…</p>
      ) : (
        <>
          <DiffPanel state={state} at={at} />
          <PayloadSections payloads={data} base={base} onShowAll={showAll} name={id} />
          {data.span !== null && <SpanDetails span={data.span} startUs={startUs} />}
        </>
      )}
    </>
  );
}

/** A stack reads by lines, and is longer than a status. */
function Status({ text: source, isError }: { text: string; isError: boolean }) {
  const text = readableLines(source);
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? text : text.slice(0, STATUS_CHARS);
  return (
    <div class={`status-message ${isError ? 'error' : ''}`}>
      <pre>{shown}</pre>
      {shown.length < text.length && (
        <button type="button" class="link-button" onClick={() => setWhole(true)}>
          Show all {count(text.length)} characters
        </button>
      )}
    </div>
  );
}

const STATUS_CHARS = 3_000;

interface PayloadSectionsProps {
  payloads: Payloads | null;
  /** The address of the whole payloads as texts. */
  base: string;
  /** Begins the names of downloaded files. */
  name: string;
  onShowAll(): void;
}

function PayloadSections({ payloads, base, name, onShowAll }: PayloadSectionsProps) {
  const { input = null, output = null, metadata = null } = payloads ?? {};
  if (input === null && output === null && metadata === null) {
    return <p class="muted">It has no input, output or metadata.</p>;
  }
  const shared = { name, onShowAll };
  return (
    <>
      <PayloadSection label="Input" payload={input} url={`${base}/input`} isOpen {...shared} />
      <PayloadSection label="Output" payload={output} url={`${base}/output`} isOpen {...shared} />
      <PayloadSection
        label="Metadata"
        payload={metadata}
        url={`${base}/metadata`}
        isOpen={false}
        {...shared}
      />
    </>
  );
}
