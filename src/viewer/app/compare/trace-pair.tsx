/** Two traces side by side: their figures, their trees aligned, and the difference of what is selected. */

import { useMemo } from 'preact/hooks';
import type { ScoreView, TraceDetail } from '../../page-data.js';
import type { Digests } from '../../summary-data.js';
import { Time } from '../list/columns.js';
import { getJson } from '../server/api.js';
import { Problem } from '../summary/summary-page.js';
import { useReading } from '../summary/summary-state.js';
import { buildModel } from '../trace/trace-model.js';
import { Dollars, howOfSum, Tokens } from '../ui/estimate.js';
import { count, duration } from '../ui/format.js';
import { Link } from '../ui/link.js';
import { compareAddress, query, setQuery, traceAddress } from '../ui/router.js';
import { alignTraces } from './align.js';
import { changeOf, type Side, sideOf } from './changes.js';
import { DiffPane } from './diff-pane.js';
import { PairTable } from './pair-table.js';

interface PairData {
  details: [TraceDetail, TraceDetail];
  digests: [Digests, Digests];
  since: string;
}

async function readPair(ids: readonly [string, string], signal: AbortSignal): Promise<PairData> {
  const [one, other] = ids.map((id) => `trace/${encodeURIComponent(id)}`) as [string, string];
  const [a, b, digestsOfA, digestsOfB] = await Promise.all([
    getJson<TraceDetail>(one, '', signal),
    getJson<TraceDetail>(other, '', signal),
    getJson<Digests>(`${one}/digests`, '', signal),
    getJson<Digests>(`${other}/digests`, '', signal),
  ]);
  return { details: [a, b], digests: [digestsOfA, digestsOfB], since: a.since };
}

export function TracePair({ a, b }: { a: string; b: string }) {
  const { data, problem, again } = useReading(`${a}\n${b}`, (signal) => readPair([a, b], signal), [a, b]);
  const sides = useMemo(() => data && ([sideIn(data, 0), sideIn(data, 1)] as [Side, Side]), [data]);
  const pairs = useMemo(() => (sides === null ? [] : alignTraces(sides[0].model, sides[1].model)), [sides]);
  if (sides === null) {
    return problem === null ? <p class="muted">Loading…</p> : <Problem text={problem} again={again} />;
  }
  const [of, other] = [query.value.get('of'), query.value.get('with')];
  const selected =
    of === null && other === null
      ? -1
      : pairs.findIndex((pair) => sides[0].idOf(pair.a) === of && sides[1].idOf(pair.b) === other);
  const select = (at: number) => {
    const pair = pairs[at];
    const ids = pair === undefined ? [null, null] : [sides[0].idOf(pair.a), sides[1].idOf(pair.b)];
    const [ofA, ofB] = ids.map((id) => (id == null ? [] : [id])) as [string[], string[]];
    setQuery({ of: ofA, with: ofB }, { replace: true });
  };
  return (
    <>
      <Problem text={problem} again={again} />
      <Facts sides={sides} />
      <PairTable sides={sides} pairs={pairs} selected={selected} select={select} />
      <DiffPane key={selected} sides={sides} pair={pairs[selected] ?? null} />
    </>
  );
}

function sideIn({ details, digests }: PairData, at: 0 | 1): Side {
  const { observations, trace } = details[at];
  return sideOf(details[at], buildModel(observations, trace.durationUs), digests[at]);
}

function Facts({ sides: [a, b] }: { sides: [Side, Side] }) {
  const [left, right] = [a.detail.trace, b.detail.trace];
  const scoreNames = [...new Set([...a.traceScores, ...b.traceScores].map(({ name }) => name))];
  const texts: [string, string, string][] = [
    ['Errors', count(left.errorCount), count(right.errorCount)],
    ['Observations', count(left.observationCount), count(right.observationCount)],
    ...(['userId', 'sessionId', 'environment', 'release', 'version'] as const).map(
      (field): [string, string, string] => [LABELS[field], left[field] ?? '–', right[field] ?? '–'],
    ),
    ['Tags', left.tags.join(', ') || '–', right.tags.join(', ') || '–'],
    ...scoreNames.map((name): [string, string, string] => [name, scoreOf(a, name), scoreOf(b, name)]),
  ];
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="The two traces">
      <table class="compared">
        <thead>
          <tr>
            <th scope="col">
              <Link to={compareAddress(right.id, left.id)}>Swap</Link>
            </th>
            {[left, right].map((trace, at) => (
              <th key={at} scope="col">
                {at === 0 ? 'A' : 'B'} ·{' '}
                <Link to={traceAddress(trace.id)}>{trace.name || 'unnamed trace'}</Link>
              </th>
            ))}
            <th scope="col">Difference</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">Start</th>
            <td>
              <Time micros={left.startUs} />
            </td>
            <td>
              <Time micros={right.startUs} />
            </td>
            <td />
          </tr>
          <AmountRow label="Duration" a={left.durationUs} b={right.durationUs} format={duration} />
          <tr>
            <th scope="row">Tokens</th>
            <td>
              <Tokens value={left.totalTokens} how={howOfSum(left.hasEstimatedTokens)} />
            </td>
            <td>
              <Tokens value={right.totalTokens} how={howOfSum(right.hasEstimatedTokens)} />
            </td>
            <td>{changeOf(left.totalTokens, right.totalTokens, count)}</td>
          </tr>
          <tr>
            <th scope="row">Cost</th>
            <td>
              <Dollars value={left.totalCost} how={howOfSum(left.hasEstimatedCost)} />
            </td>
            <td>
              <Dollars value={right.totalCost} how={howOfSum(right.hasEstimatedCost)} />
            </td>
            <td>{changeOf(left.totalCost, right.totalCost)}</td>
          </tr>
          {texts
            .filter(([, one, other]) => one !== '–' || other !== '–')
            .map(([label, one, other]) => (
              <tr key={label} class={one === other ? '' : 'differs'}>
                <th scope="row">{label}</th>
                <td>{one}</td>
                <td>{other}</td>
                <td>{one === other ? '' : 'differs'}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}

const LABELS = {
  userId: 'User',
  sessionId: 'Session',
  environment: 'Environment',
  release: 'Release',
  version: 'Version',
};

function scoreOf({ traceScores }: Side, name: string): string {
  const values = traceScores.filter((score: ScoreView) => score.name === name).map(({ value }) => value);
  return values.join(', ') || '–';
}

interface AmountRowProps {
  label: string;
  a: number | null;
  b: number | null;
  format(value: number | null): string;
}

function AmountRow({ label, a, b, format }: AmountRowProps) {
  return (
    <tr>
      <th scope="row">{label}</th>
      <td>{format(a)}</td>
      <td>{format(b)}</td>
      <td>{changeOf(a, b, format)}</td>
    </tr>
  );
}
