/** Small charts in a row or beside a distribution: counts over time as bars, means over time as steps. */

import { scoreValue } from '../ui/format.js';

const HEIGHT = 20;

export function Sparkline({ counts, label }: { counts: readonly number[]; label: string }) {
  const top = Math.max(1, ...counts);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${counts.length} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {counts.map((count, at) =>
        count === 0 ? null : (
          <rect
            key={at}
            class="bar-ok"
            x={at}
            width={0.9}
            y={HEIGHT - Math.max(1.5, (count / top) * HEIGHT)}
            height={Math.max(1.5, (count / top) * HEIGHT)}
          />
        ),
      )}
    </svg>
  );
}

const STEPS = { width: 300, height: 60 };
/** So that the highest and the lowest step are not on the edge. */
const MARGIN = 4;

interface StepsProps {
  points: readonly { startUs: number; mean: number }[];
  bucketUs: number;
  label: string;
}

/** There is no line over a time without values. */
export function MeanSteps({ points, bucketUs, label }: StepsProps) {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return null;
  const means = points.map(({ mean }) => mean);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const spanUs = last.startUs + bucketUs - first.startUs;
  const width = Math.max(2, (bucketUs / spanUs) * STEPS.width);
  const x = (us: number) => ((us - first.startUs) / spanUs) * STEPS.width;
  const y = (mean: number) =>
    low === high
      ? STEPS.height / 2
      : MARGIN + (1 - (mean - low) / (high - low)) * (STEPS.height - 2 * MARGIN);
  const path = points.map(({ startUs, mean }) => `M${x(startUs)} ${y(mean)}h${width}`).join('');
  return (
    <div class="steps">
      <p class="steps-scale">
        <span>{scoreValue(high)}</span>
        {low < high && <span>{scoreValue(low)}</span>}
      </p>
      <svg
        viewBox={`0 0 ${STEPS.width} ${STEPS.height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        <path d={path} />
      </svg>
    </div>
  );
}
