/** The facts of an observation: times, model, usage and cost with their source, prompt, version. */

import type { ComponentChildren } from 'preact';
import type { ObservationDetail } from '../../data/details.js';
import type { TraceModel } from '../trace/trace-model.js';
import type { TraceState } from '../trace/trace-state.js';
import { Copy } from '../ui/copy.js';
import { Dollars, Figure, howOfCost, howOfUsage } from '../ui/estimate.js';
import { cost, count, duration, fullTime, isoTime } from '../ui/format.js';

interface FactsProps {
  state: TraceState;
  at: number;
  id: string;
  data: ObservationDetail | null;
}

export function Facts({ state, at, id, data }: FactsProps) {
  const { columns, selfUs } = state.model.value as TraceModel;
  const startUs = columns.startUs[at] ?? null;
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
      startUs === null ? (
        'unknown'
      ) : (
        <Start key="start" traceUs={state.detail.value?.trace.startUs ?? 0} startUs={startUs} />
      ),
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

/** `startUs`: after the start of the trace. */
function Start({ traceUs, startUs }: { traceUs: number; startUs: number }) {
  const us = traceUs + startUs;
  return <time dateTime={isoTime(us)} title={fullTime(us)}>{`+${duration(startUs)}`}</time>;
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
