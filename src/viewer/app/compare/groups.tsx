/** Two groups of traces: who is in them, and how latency, cost, tokens and scores are distributed in each. */

import type { CategoryComparison, GroupComparison } from '../../data/summary.js';
import { CoverageNotice } from '../summary/summary-page.js';
import { useAnswer } from '../summary/summary-state.js';
import { count, share } from '../ui/format.js';
import { Link } from '../ui/link.js';
import { Problem } from '../ui/problem.js';
import { query } from '../ui/router.js';
import { GroupFilter } from './group-filter.js';
import { FailedRows, MeasureRows } from './measures.js';

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
