/** The page of scores: how the values of each name are distributed, and their mean over time. A bar leads to its traces. */

import type { ScoreBar, ScoreDistribution, ScoreDistributions } from '../../data/summary.js';
import { MeanSteps } from '../chart/sparkline.js';
import { filterQuery, listWith } from '../filters/filter-state.js';
import { axisTime, count, plural, scoreValue, share } from '../ui/format.js';
import { Link } from '../ui/link.js';
import { SummaryPage } from './summary-page.js';
import { useAnswer } from './summary-state.js';

export function ScoresPage() {
  const answer = useAnswer<ScoreDistributions>('scores', filterQuery.value);
  const { data } = answer;
  return (
    <SummaryPage
      title="Scores"
      answer={answer}
      noun="score name"
      whenEmpty="No trace has a score yet. Clients, evaluations and users' feedback create them."
    >
      <div class="score-cards">
        {data?.rows.map((score) => (
          <ScoreCard key={score.name} score={score} bucketUs={data.bucketUs} />
        ))}
      </div>
    </SummaryPage>
  );
}

function ScoreCard({ score, bucketUs }: { score: ScoreDistribution; bucketUs: number }) {
  const { name, dataType, traces, mean, bars, others, trend } = score;
  const top = Math.max(1, ...bars.map((bar) => bar.count));
  return (
    <section class="score-card" aria-label={name}>
      <div class="score-head">
        <h2>{name}</h2>
        <span class="badge">{dataType}</span>
        <span class="muted">
          {plural(score.count, 'score')} on {plural(traces, 'trace')}
          {mean !== null && ` · mean ${scoreValue(mean)}`}
        </span>
        {mean !== null && (
          <span class="score-orders">
            <Link to={listWith(['sort', `score:${name}`])}>Lowest first</Link>
            <Link to={listWith(['sort', `-score:${name}`])}>Highest first</Link>
          </span>
        )}
      </div>
      <ul class="score-bars">
        {bars.map((bar, at) => (
          <li key={at}>
            <Bar bar={bar} name={name} isLast={at === bars.length - 1} top={top} all={score.count} />
          </li>
        ))}
      </ul>
      {others > 0 && (
        <p class="note">
          {bars.length === 0
            ? `${plural(others, 'text')}, which differ each time.`
            : `${count(others)} more with other values.`}{' '}
          {isFilter(name) && <Link to={listWith(['score', name])}>Their traces</Link>}
        </p>
      )}
      {trend.length > 1 && <Trend points={trend} bucketUs={bucketUs} />}
    </section>
  );
}

function Trend({ points, bucketUs }: { points: ScoreDistribution['trend']; bucketUs: number }) {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return null;
  const spanUs = last.startUs + bucketUs - first.startUs;
  const label = `Mean over time: ${points.map(({ mean }) => scoreValue(mean)).join(', ')}`;
  return (
    <div class="score-trend">
      <p class="muted">Mean over time</p>
      <MeanSteps points={points} bucketUs={bucketUs} label={label} />
      <p class="axis">
        <span>{axisTime(first.startUs, spanUs)}</span>
        <span>{axisTime(last.startUs + bucketUs, spanUs)}</span>
      </p>
    </div>
  );
}

const BAR_WIDTH = 1000;

interface BarProps {
  bar: ScoreBar;
  name: string;
  isLast: boolean;
  top: number;
  all: number;
}

function Bar({ bar, name, isLast, top, all }: BarProps) {
  const text = bar.value ?? `${scoreValue(bar.from as number)} – ${scoreValue(bar.to as number)}`;
  const content = (
    <>
      <span class="score-value">{text === '' ? 'empty' : text}</span>
      <svg viewBox={`0 0 ${BAR_WIDTH} 10`} preserveAspectRatio="none" aria-hidden="true">
        <rect class="bar-ok" width={(bar.count / top) * BAR_WIDTH} height={10} />
      </svg>
      <span class="score-count">
        {count(bar.count)} · {share(bar.count / all)}
      </span>
    </>
  );
  const filters = filtersOf(bar, name, isLast);
  if (filters === undefined || bar.count === 0) return <span class="score-bar">{content}</span>;
  return (
    <Link to={listWith(...filters)} class="score-bar" title={`The traces with ${name} ${text}`}>
      {content}
    </Link>
  );
}

/** Undefined: the language of filters cannot say it. */
function filtersOf(
  { value, from, to }: ScoreBar,
  name: string,
  isLast: boolean,
): [string, string][] | undefined {
  if (!isFilter(name)) return undefined;
  if (value === null) {
    return [
      ['score', `${name}>=${from}`],
      ['score', `${name}${isLast ? '<=' : '<'}${to}`],
    ];
  }
  return isFilter(value) && value.length < MAX_VALUE_CHARS ? [['score', `${name}=${value}`]] : undefined;
}

/** A value of this length may be cut. */
const MAX_VALUE_CHARS = 200;

/** The filter reads the last sign of comparison, and leaves out spaces around it. */
function isFilter(text: string): boolean {
  return text !== '' && !/[<>=]/.test(text) && text.trim() === text;
}
