/** The rows of the measures of two groups: sizes, quartiles, distributions and the difference. */

import type { ComponentChildren } from 'preact';
import type { GroupTotals, MeasureComparison } from '../../data/summary.js';
import { cost, count, duration, plural, scoreValue, share } from '../ui/format.js';
import { changeOf } from './changes.js';

export function FailedRows({ left, right }: { left: GroupTotals; right: GroupTotals }) {
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

export function MeasureRows({ measure: comparison }: { measure: MeasureComparison }) {
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
          {format(sample.mean)}
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
