/** The details of what is selected: an observation, or the trace itself. They are read when they are opened. */

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ObservationDetail, Payloads, ScoreView } from '../../page-data.js';
import { getJson, isAbort } from '../server/api.js';
import type { TraceModel } from '../trace/trace-model.js';
import type { TraceState } from '../trace/trace-state.js';
import { Copy } from '../ui/copy.js';
import { Dollars, Figure, howOfCost, howOfUsage } from '../ui/estimate.js';
import { cost, count, duration, fullTime, isoTime } from '../ui/format.js';
import { Icon, TypeIcon } from '../ui/icons.js';
import { isNarrow } from '../ui/screen.js';
import { PayloadSection } from './payload-view.js';

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
  const id = encodeURIComponent(state.traceId);
  const { data, problem, showAll } = useData<Payloads>(`trace/${id}/payloads`, state.reading.value);
  const scores = state.detail.value?.scores ?? [];
  const shared = { payloads: data, base: `/trace/${id}`, onShowAll: showAll };
  return (
    <>
      <h2>
        <Icon name="trace" class="type" /> Trace
      </h2>
      <Scores scores={scores} nameOf={(observation) => nameOf(state, observation)} />
      <Problem text={problem} />
      {data === null ? <p class="muted">Loading…</p> : <PayloadSections {...shared} />}
    </>
  );
}

function nameOf(state: TraceState, observation: string | null): string {
  if (observation === null) return 'the trace';
  const columns = state.detail.value?.observations;
  const at = columns?.id.indexOf(observation) ?? -1;
  return columns?.name[at] || observation;
}

interface OfObservationProps {
  state: TraceState;
  row: number;
  id: string;
}

function OfObservation({ state, row, id }: OfObservationProps) {
  const model = state.model.value as TraceModel;
  const at = model.order[row] as number;
  const path = `trace/${encodeURIComponent(state.traceId)}/observation/${encodeURIComponent(id)}`;
  const { data, problem, showAll } = useData<ObservationDetail>(path, state.reading.value);
  const base = `/trace/${encodeURIComponent(state.traceId)}/${encodeURIComponent(id)}`;
  const level = model.columns.level[at] as string;
  const status = data?.statusMessage ?? model.columns.status[at] ?? null;
  const scores = (state.detail.value?.scores ?? []).filter(({ observationId }) => observationId === id);
  return (
    <>
      <h2>
        <TypeIcon type={model.columns.type[at] as string} />
        <span class="details-name">{model.columns.name[at] || 'unnamed'}</span>
        <span class="badge">{model.columns.type[at]}</span>
        {level !== 'DEFAULT' && (
          <span class={`badge level-${level === 'ERROR' ? 'error' : 'warning'}`}>{level}</span>
        )}
      </h2>
      {status !== null && <Status text={status} isError={level === 'ERROR'} />}
      <Facts state={state} at={at} id={id} data={data} />
      <Scores scores={scores} nameOf={() => 'this observation'} />
      <Problem text={problem} />
      {data === null ? (
        <p class="muted">Loading…</p>
      ) : (
        <PayloadSections payloads={data} base={base} onShowAll={showAll} />
      )}
    </>
  );
}

/** A stack reads by lines, and is longer than a status. */
function Status({ text, isError }: { text: string; isError: boolean }) {
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

interface FactsProps {
  state: TraceState;
  at: number;
  id: string;
  data: ObservationDetail | null;
}

function Facts({ state, at, id, data }: FactsProps) {
  const { columns, selfUs } = state.model.value as TraceModel;
  const startUs = (state.detail.value?.trace.startUs ?? 0) + (columns.startUs[at] as number);
  const durationUs = columns.durationUs[at] ?? null;
  const self = selfUs[at] as number;
  const estimate = data?.estimate ?? null;
  const isModelCall = ['GENERATION', 'EMBEDDING'].includes(columns.type[at] as string);
  const unknown = isModelCall ? 'unknown' : null;
  const notGiven = [howOfUsage(estimate), howOfCost(estimate)].filter((how) => how !== undefined);
  const usd = columns.cost[at] ?? null;
  const rate = tokensPerSecond(data, durationUs);
  const entries: [string, ComponentChildren][] = [
    [
      'Start',
      <time
        key="start"
        dateTime={isoTime(startUs)}
        title={fullTime(startUs)}
      >{`+${duration(columns.startUs[at] as number)}`}</time>,
    ],
    ['Duration', columns.type[at] === 'EVENT' ? null : duration(durationUs)],
    ['Self', self < 0 || self === durationUs ? null : duration(self)],
    ['First token', data?.firstTokenUs == null ? null : duration(data.firstTokenUs)],
    [
      'Tokens per second',
      rate === null ? null : <Figure key="rate" text={count(rate)} how={howOfUsage(estimate)} />,
    ],
    ['Model', columns.model[at]],
    ['Parameters', pairs(data?.modelParameters)],
    [
      'Usage',
      data?.usageDetails == null ? (
        unknown
      ) : (
        <Usage key="usage" details={data.usageDetails} how={howOfUsage(estimate)} />
      ),
    ],
    ['Cost', usd === null ? unknown : <Dollars key="cost" value={usd} how={howOfCost(estimate)} />],
    ['Cost by kind', costByKind(data?.costDetails)],
    ['Not given', notGiven.length === 0 ? null : notGiven.map(capitalized).join('. ')],
    [
      'Prompt',
      data?.promptName == null
        ? null
        : `${data.promptName}${data.promptVersion === null ? '' : ` v${data.promptVersion}`}`,
    ],
    ['Version', data?.version],
    ['Environment', data?.environment === 'default' ? null : data?.environment],
    [
      'Id',
      <span key="id" class="mono">
        {id} <Copy text={id} label="Copy the observation's id" />
      </span>,
    ],
  ];
  return (
    <dl class="facts">
      {entries
        .filter(([, value]) => value !== null && value !== undefined)
        .map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Usage({ details, how }: { details: Record<string, unknown>; how: string | undefined }) {
  return <Figure text={pairs(details) ?? ''} how={how} />;
}

function costByKind(details: Record<string, unknown> | null | undefined): string | null {
  return details == null || Object.keys(details).length < 2 ? null : pairs(details, cost);
}

/** Output tokens by the time since the first one, or since the start. */
function tokensPerSecond(data: ObservationDetail | null, durationUs: number | null): number | null {
  const output = data?.usageDetails?.output;
  if (typeof output !== 'number' || durationUs === null) return null;
  const us = durationUs - (data?.firstTokenUs ?? 0);
  return us > 0 ? Math.round((output / us) * 1e7) / 10 : null;
}

const MAX_PAIRS_CHARS = 500;

/** `{input: 3, output: 5}` as `input 3, output 5`. */
function pairs(
  details: Record<string, unknown> | null | undefined,
  format: (value: number) => string = count,
): string | null {
  if (details == null) return null;
  const text = (value: unknown) =>
    typeof value === 'number'
      ? format(value)
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  const all = Object.entries(details).map(([key, value]) => `${key} ${text(value)}`);
  return all.length === 0 ? null : all.join(', ').slice(0, MAX_PAIRS_CHARS);
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function Scores({
  scores,
  nameOf,
}: {
  scores: readonly ScoreView[];
  nameOf(observationId: string | null): string;
}) {
  if (scores.length === 0) return null;
  return (
    <div class="scroll">
      <table class="scores">
        <thead>
          <tr>
            <th scope="col">Score</th>
            <th scope="col">Value</th>
            <th scope="col">On</th>
            <th scope="col">Comment</th>
          </tr>
        </thead>
        <tbody>
          {scores.map(({ id, name, value, observationId, comment }) => (
            <tr key={id}>
              <th scope="row">{name}</th>
              <td>{value}</td>
              <td>{nameOf(observationId)}</td>
              <td>{comment ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Problem({ text }: { text: string | null }) {
  return text === null ? null : (
    <p class="notice problem" role="alert">
      {text}
    </p>
  );
}

interface PayloadSectionsProps {
  payloads: Payloads | null;
  /** The address of the whole payloads as texts. */
  base: string;
  onShowAll(): void;
}

function PayloadSections({ payloads, base, onShowAll }: PayloadSectionsProps) {
  const { input = null, output = null, metadata = null } = payloads ?? {};
  if (input === null && output === null && metadata === null) {
    return <p class="muted">It has no input, output or metadata.</p>;
  }
  const shared = { onShowAll };
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
