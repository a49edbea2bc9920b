/** Two traces side by side: their figures, their trees aligned, and the difference of what is selected. */

import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { TraceRow } from '../../data/list.js';
import type { Digests } from '../../data/summary.js';
import type { TraceDetail } from '../../data/trace.js';
import { segmentOf } from '../../path-segments.js';
import { alignTraces } from '../../trace-alignment.js';
import { Time } from '../list/columns.js';
import { getJson } from '../server/api.js';
import { useReading } from '../summary/summary-state.js';
import { Dollars, howOfSum, Tokens } from '../ui/estimate.js';
import { count, duration } from '../ui/format.js';
import { Link } from '../ui/link.js';
import { Problem } from '../ui/problem.js';
import { compareAddress, query, setQuery, traceAddress } from '../ui/router.js';
import { changeOf, type Side, sideOf } from './changes.js';
import { DiffPane } from './diff-pane.js';
import { PairTable } from './pair-table.js';

interface PairData {
  details: [TraceDetail, TraceDetail];
  digests: [Digests, Digests];
  since: string;
}

async function readPair(ids: readonly [string, string], signal: AbortSignal): Promise<PairData> {
  const [one, other] = ids.map((id) => `trace/${segmentOf(id)}`) as [string, string];
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
  const pairs = useMemo(
    () => (sides === null ? [] : alignTraces(sides[0].columns, sides[1].columns)),
    [sides],
  );
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
  return sideOf(details[at], digests[at]);
}

/** Undefined: it may differ without a meaning, as the start. */
type Fact = [label: string, a: ComponentChildren, b: ComponentChildren, difference?: string];

function Facts({ sides: [a, b] }: { sides: [Side, Side] }) {
  const [left, right] = [a.detail.trace, b.detail.trace];
  const text = (label: string, one: string | null, other: string | null): Fact => [
    label,
    one || '–',
    other || '–',
    one === other ? '' : 'differs',
  ];
  const tokens = ({ totalTokens, hasEstimatedTokens }: TraceRow) => (
    <Tokens value={totalTokens} how={howOfSum(hasEstimatedTokens)} />
  );
  const usd = ({ totalCost, hasEstimatedCost }: TraceRow) => (
    <Dollars value={totalCost} how={howOfSum(hasEstimatedCost)} />
  );
  const names = new Set([...a.traceScores, ...b.traceScores].map(({ name }) => name));
  const facts: Fact[] = [
    ['Start', <Time key="a" micros={left.startUs} />, <Time key="b" micros={right.startUs} />],
    [
      'Duration',
      duration(left.durationUs),
      duration(right.durationUs),
      changeOf(left.durationUs, right.durationUs, duration),
    ],
    ['Tokens', tokens(left), tokens(right), changeOf(left.totalTokens, right.totalTokens, count)],
    ['Cost', usd(left), usd(right), changeOf(left.totalCost, right.totalCost)],
    text('Errors', count(left.errorCount), count(right.errorCount)),
    text('Observations', count(left.observationCount), count(right.observationCount)),
    text('User', left.userId, right.userId),
    text('Session', left.sessionId, right.sessionId),
    text('Environment', left.environment, right.environment),
    text('Release', left.release, right.release),
    text('Version', left.version, right.version),
    text('Tags', left.tags.join(', '), right.tags.join(', ')),
    ...Array.from(names, (name) => text(name, scoreOf(a, name), scoreOf(b, name))),
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
          {facts
            .filter(([, one, other]) => one !== '–' || other !== '–')
            .map(([label, one, other, difference]) => (
              <tr key={label} class={difference === 'differs' ? 'differs' : ''}>
                <th scope="row">{label}</th>
                <td>{one}</td>
                <td>{other}</td>
                <td>{difference}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}

function scoreOf({ traceScores }: Side, name: string): string {
  const values = traceScores.filter((score) => score.name === name).map(({ value }) => value);
  return values.join(', ');
}
