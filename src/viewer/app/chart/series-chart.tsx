/** The chart of a series: how many and how many failed, latency or cost over time. A drag over it filters by time. */

import { useRef, useState } from 'preact/hooks';
import type { Series, SeriesBucket } from '../../data/list.js';
import { axisTime, cost, count, duration, fullTime, plural, shortCost } from '../ui/format.js';
import { setQuery } from '../ui/router.js';
import { brushed, type Measure, measured, type Plot, plotOf } from './chart-data.js';
import { TimeRange } from './time-range.js';

const WIDTH = 1000;
const HEIGHT = 72;
/** A shorter drag is a click. */
const MIN_DRAG = 0.004;

const MEASURES: readonly Measure[] = ['count', 'latency', 'cost'];
const LABELS = { latency: 'Latency', cost: 'Cost' };

interface SeriesChartProps {
  data: Series | null;
  /** What is counted: `trace` or `call`. */
  noun: string;
}

export function SeriesChart({ data, noun }: SeriesChartProps) {
  const [measure, setMeasure] = useState<Measure>('count');
  const nouns = `${noun}s`;
  const countLabel = nouns.charAt(0).toUpperCase() + nouns.slice(1);
  const plot = data === null ? undefined : plotOf(data, measure);
  return (
    <section class="chart" aria-label={`${countLabel} over time`}>
      <div class="chart-head">
        <div class="segments" role="group" aria-label="Measure">
          {MEASURES.map((name) => (
            <button key={name} type="button" aria-pressed={measure === name} onClick={() => setMeasure(name)}>
              {name === 'count' ? countLabel : LABELS[name]}
            </button>
          ))}
        </div>
        {plot !== undefined && <Legend measure={measure} top={plot.top} nouns={nouns} />}
        <TimeRange />
      </div>
      {data !== null && plot !== undefined && <Bars data={data} plot={plot} measure={measure} noun={noun} />}
    </section>
  );
}

function Legend({ measure, top, nouns }: { measure: Measure; top: number; nouns: string }) {
  if (measure === 'count') {
    return (
      <p class="legend">
        <span class="swatch swatch-ok" /> {nouns} <span class="swatch swatch-bad" /> with errors · up to{' '}
        {count(top)} at a time
      </p>
    );
  }
  if (measure === 'cost')
    return (
      <p class="legend">
        cost of the {nouns} · up to {shortCost(top)} at a time
      </p>
    );
  return (
    <p class="legend">
      <span class="swatch swatch-p50" /> p50 <span class="swatch swatch-p95" /> p95 · up to {duration(top)}
    </p>
  );
}

interface BarsProps {
  data: Series;
  plot: Plot;
  measure: Measure;
  noun: string;
}

function Bars({ data, plot, measure, noun }: BarsProps) {
  const surface = useRef<SVGSVGElement>(null);
  const [drag, setDrag] = useState<readonly [number, number] | null>(null);
  const [hovered, setHovered] = useState<SeriesBucket | null>(null);
  const place = (event: PointerEvent) => {
    const box = surface.current?.getBoundingClientRect();
    return box === undefined ? 0 : (event.clientX - box.left) / box.width;
  };
  const end = () => {
    if (drag !== null && Math.abs(drag[0] - drag[1]) > MIN_DRAG) {
      const { fromUs, toUs } = brushed(plot, data.bucketUs, drag);
      setQuery({ from: [isoOf(fromUs)], to: [isoOf(toUs)] });
    }
    setDrag(null);
  };
  const move = (event: PointerEvent) => {
    const at = place(event);
    if (drag !== null) setDrag([drag[0], at]);
    const us = plot.fromUs + at * (plot.toUs - plot.fromUs);
    setHovered(data.buckets.find(({ startUs }) => us >= startUs && us < startUs + data.bucketUs) ?? null);
  };
  const x = (us: number) => ((us - plot.fromUs) / (plot.toUs - plot.fromUs)) * WIDTH;
  const width = Math.max(2, x(plot.fromUs + data.bucketUs) - 1);
  return (
    <>
      <svg
        ref={surface}
        class="bars"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={summaryOf(data, noun)}
        onPointerDown={(event) => {
          event.preventDefault();
          event.currentTarget.setPointerCapture(event.pointerId);
          setDrag([place(event), place(event)]);
        }}
        onPointerMove={move}
        onPointerUp={end}
        onPointerCancel={() => setDrag(null)}
        onPointerLeave={() => setHovered(null)}
      >
        {data.buckets.map((bucket) => (
          <Bar
            key={bucket.startUs}
            bucket={bucket}
            measure={measure}
            top={plot.top}
            x={x(bucket.startUs)}
            width={width}
          />
        ))}
        {drag !== null && (
          <rect
            class="brush"
            x={Math.min(...drag) * WIDTH}
            width={Math.abs(drag[0] - drag[1]) * WIDTH}
            y={0}
            height={HEIGHT}
          />
        )}
      </svg>
      <p class="axis">
        <span>{axisTime(plot.fromUs, plot.toUs - plot.fromUs)}</span>
        <span class="hovered">{hovered !== null && bucketText(hovered, noun)}</span>
        <span>{axisTime(plot.toUs, plot.toUs - plot.fromUs)}</span>
      </p>
    </>
  );
}

interface BarProps {
  bucket: SeriesBucket;
  measure: Measure;
  top: number;
  x: number;
  width: number;
}

function Bar({ bucket, measure, top, x, width }: BarProps) {
  // The lowest bar is still to be seen.
  const height = (value: number) => (value === 0 ? 0 : Math.max(2, (value / top) * HEIGHT));
  const rect = (value: number, className: string) => (
    <rect class={className} x={x} width={width} y={HEIGHT - height(value)} height={height(value)} />
  );
  if (measure === 'count') {
    return (
      <>
        {rect(bucket.count, 'bar-ok')}
        {rect(bucket.errors, 'bar-bad')}
      </>
    );
  }
  if (measure === 'cost') return rect(measured(bucket, measure), 'bar-ok');
  return (
    <>
      {rect(bucket.p95Us ?? 0, 'bar-p95')}
      {rect(bucket.p50Us ?? 0, 'bar-p50')}
    </>
  );
}

function bucketText(bucket: SeriesBucket, noun: string): string {
  const { startUs, count: things, errors, p50Us, p95Us, cost: usd } = bucket;
  const parts = [fullTime(startUs), plural(things, noun), `${count(errors)} with errors`];
  return [...parts, `p50 ${duration(p50Us)}`, `p95 ${duration(p95Us)}`, cost(usd)].join(' · ');
}

function summaryOf({ buckets }: Series, noun: string): string {
  const things = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const errors = buckets.reduce((sum, bucket) => sum + bucket.errors, 0);
  return `${plural(things, noun)}, ${count(errors)} with errors. Drag to choose a time range.`;
}

function isoOf(us: number): string {
  return new Date(us / 1000).toISOString();
}
