/** Two groups of traces: who is in them, and how latency, cost, tokens and scores are distributed in each. */

import type { ComponentChildren } from 'preact';
import type {
  CategoryComparison,
  GroupComparison,
  GroupTotals,
  MeasureComparison,
} from '../../summary-data.js';
import { CoverageNotice, Problem } from '../summary/summary-page.js';
import { useAnswer } from '../summary/summary-state.js';
import { cost, count, duration, plural, scoreValue, share } from '../ui/format.js';
import { Link } from '../ui/link.js';
import { query } from '../ui/router.js';
import { changeOf } from './changes.js';
import { GroupFilter } from './group-filter.js';

export function GroupsPage() {
  const [left, right] = [query.value.get('left') ?? '', query.value.get('right') ?? ''];
  const isChosen = left !== '' || right !== '';
  return (
    <>
      <p class="muted">
        Each group is the traces that pass its filters; without a filter it is all of them. To compare two
        single traces, open one and choose “Compare with…”.
      </p>
      <div class="groups">
        <GroupFilter name="left" label="Group A" filters={left} />
        <GroupFilter name="right" label="Group B" filters={right} />
      </div>
      {isChosen ? (
        <Comparison left={left} right={right} />
      ) : (
        <p class="nothing">Choose at least one filter.</p>
      )}
    </>
  );
}

function Comparison({ left, right }: { left: string; right: string }) {
  const answer = useAnswer<GroupComparison>('compare', new URLSearchParams({ left, right }).toString());
  const { data } = answer;
  if (data === null) {
    return answer.problem === null ? (
      <p class="muted">Loading…</p>
    ) : (
      <Problem text={answer.problem} again={answer.again} />
    );
  }
  const overlap = left === right ? 'Both groups are the same.' : null;
  return (
    <>
      <Problem text={answer.problem} again={answer.again} />
      <CoverageNotice coverage={data.left.coverage} of=" of group A" />
      <CoverageNotice coverage={data.right.coverage} of=" of group B" />
      {overlap !== null && <p class="notice">{overlap}</p>}
      <div class="scroll" tabIndex={0} role="region" aria-label="Measures">
        <table class="compared measures">
          <thead>
            <tr>
              <th scope="col">Measure</th>
              <th scope="col">Group</th>
              <th scope="col">n</th>
              <th scope="col">Quartiles: 25 % · median · 75 %</th>
              <th scope="col">p95</th>
              <th scope="col">Mean</th>
              <th scope="col">Distribution</th>
              <th scope="col">B against A</th>
            </tr>
          </thead>
          <tbody>
            <FailedRows left={data.left} right={data.right} />
            {data.measures
              .filter((measure) => measure.left.count + measure.right.count > 0)
              .map((measure) => (
                <MeasureRows key={measure.measure} measure={measure} />
              ))}
          </tbody>
        </table>
      </div>
      {data.categories.map((category) => (
        <Categories key={category.name} category={category} />
      ))}
      <p class="note">
        n is the number of traces with a value. “Greater in … of pairs” is how often a trace of B has a
        greater value than one of A, ties as half: 50 % means no difference. p is of the Mann–Whitney test,
        two-sided, for groups of ten or more; it takes traces as independent, and is not corrected for the
        number of measures.{' '}
        {data.left.coverage.traces === 0 || data.right.coverage.traces === 0 ? 'A group is empty.' : ''}
      </p>
      <p>
        <Link to={`/?${left}`}>Traces of A</Link> · <Link to={`/?${right}`}>Traces of B</Link>
      </p>
    </>
  );
}

function FailedRows({ left, right }: { left: GroupTotals; right: GroupTotals }) {
  const shareOf = ({ failed, coverage }: GroupTotals) => failed / coverage.traces;
  const points = (shareOf(right) - shareOf(left)) * 100;
  return (
    <TwoRows
      label="Failed traces"
      groups={[left, right].map((group) => [
        <td key="n" class="number">
          {count(group.coverage.traces)}
        </td>,
        <td key="failed" colSpan={4}>
          {plural(group.failed, 'trace')}
          {group.coverage.traces > 0 && ` · ${share(shareOf(group))}`}
        </td>,
      ])}
      // Not a number: a group is empty.
      difference={
        Math.abs(points) > 0 && `${points > 0 ? '+' : '−'}${scoreValue(Math.abs(points))} percentage points`
      }
    />
  );
}

interface TwoRowsProps {
  label: string;
  /** The cells of A and of B. */
  groups: ComponentChildren[];
  difference: ComponentChildren;
}

function TwoRows({ label, groups, difference }: TwoRowsProps) {
  return (
    <>
      {groups.map((cells, at) => (
        <tr key={at} class={at === 0 ? 'first' : ''}>
          {at === 0 && (
            <th scope="rowgroup" rowSpan={2}>
              {label}
            </th>
          )}
          <td>{at === 0 ? 'A' : 'B'}</td>
          {cells}
          {at === 0 && <td rowSpan={2}>{difference}</td>}
        </tr>
      ))}
    </>
  );
}

const FORMATS: Record<string, [string, (value: number | null) => string]> = {
  duration: ['Duration', duration],
  tokens: ['Tokens', count],
  cost: ['Cost', cost],
  observations: ['Observations', count],
};

const scoreFormat = (value: number | null) => (value === null ? '–' : scoreValue(value));

function MeasureRows({ measure: comparison }: { measure: MeasureComparison }) {
  const { measure, left, right, edges, rightIsGreater, pValue } = comparison;
  const [label, format] = FORMATS[measure] ?? [measure.replace(/^score:/, 'Score '), scoreFormat];
  const shares = [left, right].map((sample) => sample.bins.map((bin) => bin / Math.max(1, sample.count)));
  const top = Math.max(...shares.flat());
  const range = `from ${format(edges[0] as number)} to ${format(edges.at(-1) as number)}`;
  return (
    <TwoRows
      label={label}
      groups={[left, right].map((sample, at) => [
        <td key="n" class="number">
          {count(sample.count)}
        </td>,
        <td key="quartiles">
          {format(sample.q1)} · <b>{format(sample.median)}</b> · {format(sample.q3)}
        </td>,
        <td key="p95" class="number">
          {format(sample.p95)}
        </td>,
        <td key="mean" class="number">
          {format(roundedMean(sample.mean, measure))}
        </td>,
        <td key="bins">
          <Bins
            shares={shares[at] as number[]}
            top={top}
            label={`Distribution of ${label} in group ${at === 0 ? 'A' : 'B'}, ${range}`}
          />
        </td>,
      ])}
      difference={
        <Difference
          text={changeOf(left.median, right.median, format)}
          rightIsGreater={rightIsGreater}
          pValue={pValue}
        />
      }
    />
  );
}

/** Microseconds and numbers of things have no parts that count. */
function roundedMean(mean: number | null, measure: string): number | null {
  return mean !== null && measure === 'duration' ? Math.round(mean) : mean;
}

const BIN_HEIGHT = 24;

function Bins({ shares, top, label }: { shares: readonly number[]; top: number; label: string }) {
  return (
    <svg
      class="bins"
      viewBox={`0 0 ${shares.length} ${BIN_HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {shares.map((part, at) => {
        const height = part === 0 ? 0 : Math.max(1, (part / top) * BIN_HEIGHT);
        return <rect key={at} class="bar-ok" x={at} width={0.92} y={BIN_HEIGHT - height} height={height} />;
      })}
    </svg>
  );
}

interface DifferenceProps {
  text: string;
  rightIsGreater: number | null;
  pValue: number | null;
}

function Difference({ text, rightIsGreater, pValue }: DifferenceProps) {
  if (rightIsGreater === null) return <span class="muted">a group has no values</span>;
  return (
    <>
      <p>{text === '' ? 'same median' : `median ${text}`}</p>
      <p class="muted">
        greater in {share(rightIsGreater)} of pairs
        {pValue === null
          ? '; too few for a test'
          : `; p ${pValue < 0.001 ? '< 0.001' : `= ${scoreValue(pValue)}`}`}
      </p>
    </>
  );
}

function Categories({ category: { name, values, left, right } }: { category: CategoryComparison }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`Score ${name}`}>
      <table class="compared">
        <caption>Score {name}</caption>
        <thead>
          <tr>
            <th scope="col">Value</th>
            <th scope="col">A, n = {count(left)}</th>
            <th scope="col">B, n = {count(right)}</th>
          </tr>
        </thead>
        <tbody>
          {values.map((value) => (
            <tr key={value.value}>
              <th scope="row">{value.value}</th>
              <td>
                {count(value.left)} {left > 0 && `· ${share(value.left / left)}`}
              </td>
              <td>
                {count(value.right)} {right > 0 && `· ${share(value.right / right)}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
