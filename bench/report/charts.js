/** The charts: each from the results to an SVG, or undefined where the run has nothing for it. */
import { withThousands } from './columns.js';
import { bar, dot, line, logScale, svg, text } from './svg.js';

const WIDTH = 900;
const LABELS = 340;
const ROW = 22;
const RIGHT = 70;
const TOP = 70;
const LEAST_MICROS = 0.1;

const SIZES = ['300B-english', '2KB-english', '20KB-english', '200KB-english'];

/** Two digits or more, and none that say nothing. */
const micros = (value) => {
  const [number, unit] = value >= 1000 ? [value / 1000, 'ms'] : [value, 'µs'];
  return `${number < 10 ? Number(number.toFixed(1)) : number.toFixed(0)} ${unit}`;
};
const whole = (value) => withThousands(value.toFixed(0));

/** @returns {Record<string, string>} name of the file → SVG */
export function drawCharts({ sections }) {
  const charts = {
    summary: summaryChart(sections.paced),
    latency: latencyChart(sections.paced),
    cost: costChart(sections.paced),
    burst: burstChart(sections.burst),
    rate: rateChart(sections.rate),
  };
  return Object.fromEntries(Object.entries(charts).filter(([, chart]) => chart !== undefined));
}

/** The main thread's time per event of 2 KB, for the README: clients alone, on a linear scale. */
function summaryChart(paced = {}) {
  const clients = ['ours', 'peer'];
  const subjects = rowsOf(paced['2KB-english'], 'mainNetMicros').filter(
    ({ kind, median }) => clients.includes(kind) && median.delivered > 0,
  );
  if (subjects.length === 0) return undefined;
  const most = Math.max(...subjects.map(({ median }) => median.mainNetMicros));
  const widthOf = (value) => (value / most) * (WIDTH - RIGHT - LABELS);
  const height = TOP - ROW / 2 + subjects.length * ROW;
  return svg(WIDTH, height, "The main thread's time for one event with an input and an output of 2 KB each", [
    subjects.map((subject, row) => {
      const y = TOP - ROW / 2 + row * ROW;
      const value = subject.median.mainNetMicros;
      return [
        label(subject, y),
        bar(LABELS, y - 7, widthOf(value), 14, subject.kind),
        text(LABELS + widthOf(value) + 10, y + 4, micros(value), {
          class: subject.kind === 'ours' ? 'strong' : '',
        }),
      ];
    }),
  ]);
}

/** p50, p99 and p99.9 of the call, one row per subject. */
function latencyChart(paced = {}) {
  const name = paced['2KB-english'] === undefined ? Object.keys(paced)[0] : '2KB-english';
  const subjects = rowsOf(paced[name], 'enqueueP50Micros');
  if (subjects.length === 0) return undefined;
  const values = subjects.flatMap(({ median }) => [median.enqueueP50Micros, median.enqueueP999Micros]);
  const scale = logScale(Math.min(...values), Math.max(...values), LABELS, WIDTH - RIGHT);
  const height = TOP + subjects.length * ROW + 30;
  return svg(WIDTH, height, `What one call takes: p50 · p99 · p99.9 (${name}, log scale)`, [
    axis(scale, height, micros),
    subjects.map((subject, row) => {
      const y = TOP + row * ROW;
      const { enqueueP50Micros: p50, enqueueP99Micros: p99, enqueueP999Micros: p999 } = subject.median;
      return [
        label(subject, y),
        line(scale.at(p50), y, scale.at(p999), y, { class: subject.kind, width: 2 }),
        dot(scale.at(p50), y, 5, subject.kind),
        dot(scale.at(p99), y, 3.5, subject.kind),
        dot(scale.at(p999), y, 2.5, subject.kind),
        text(scale.at(p50), y - 7, micros(p50), { class: 'small', anchor: 'middle' }),
        text(scale.at(p999) + 8, y + 4, micros(p999), { class: 'small' }),
      ];
    }),
  ]);
}

/** The main thread's time per event, net of the harness: one panel per size. */
function costChart(paced = {}) {
  const names = SIZES.filter((name) => paced[name] !== undefined);
  const panels = names.map((name) => ({ name, subjects: rowsOf(paced[name], 'mainNetMicros') }));
  const values = panels.flatMap(({ subjects }) => subjects.map(({ median }) => median.mainNetMicros));
  if (values.length === 0) return undefined;
  // Net of the harness, noise can push a figure to nothing or below: a logarithmic axis ends before that.
  const least = Math.max(LEAST_MICROS, Math.min(...values));
  const scale = logScale(least, Math.max(least, ...values), LABELS, WIDTH - RIGHT);
  const shapes = [];
  let y = TOP;
  for (const { name, subjects } of panels) {
    shapes.push(
      text(20, y, `two fields of ${name.replace('-english', '').replace('B', ' B').replace('K ', ' K')}`, {
        class: 'strong',
      }),
    );
    y += ROW;
    for (const subject of subjects) {
      const value = subject.median.mainNetMicros;
      shapes.push(
        label(subject, y),
        line(LABELS, y, scale.at(value), y, { class: subject.kind, width: 2 }),
        dot(scale.at(value), y, 5, subject.kind),
        text(scale.at(value) + 10, y + 4, micros(value), { class: subject.kind === 'ours' ? 'strong' : '' }),
      );
      y += ROW;
    }
    y += ROW / 2;
  }
  const height = y + 20;
  return svg(
    WIDTH,
    height,
    'What one event costs the main thread, delivery included (net of the harness, log scale)',
    [axis(scale, height, micros), shapes],
  );
}

/** Delivered and lost of one burst. */
function burstChart(burst = {}) {
  const [name] = Object.keys(burst);
  const subjects = rowsOf(burst[name], 'delivered', false);
  if (subjects.length === 0) return undefined;
  const height = TOP + subjects.length * ROW + 20;
  const widthOf = (share) => share * (WIDTH - RIGHT - 160 - LABELS);
  return svg(WIDTH, height, `What arrives of a burst in one tick: ${name}`, [
    subjects.map((subject, row) => {
      const y = TOP + row * ROW;
      const { offered, delivered, tickMs } = subject.median;
      return [
        label(subject, y),
        bar(LABELS, y - 7, widthOf(1), 14, 'lost'),
        bar(LABELS, y - 7, widthOf(delivered / offered), 14, subject.kind),
        text(
          LABELS + widthOf(1) + 10,
          y + 4,
          `${whole(delivered)} · thread blocked ${(tickMs / 1000).toFixed(1)} s`,
          {
            class: subject.kind === 'ours' ? 'strong' : '',
          },
        ),
      ];
    }),
  ]);
}

function rateChart(rate = {}) {
  const [name] = Object.keys(rate);
  const subjects = rowsOf(rate[name], 'sustainedPerSecond', false);
  if (subjects.length === 0) return undefined;
  // At least one: below its lowest rate the search says zero.
  const values = subjects.map(({ median }) => Math.max(1, median.sustainedPerSecond));
  const scale = logScale(Math.min(...values), Math.max(...values), LABELS, WIDTH - RIGHT);
  const height = TOP + subjects.length * ROW + 30;
  return svg(WIDTH, height, `Highest rate without loss, events per second (${name}, log scale)`, [
    axis(scale, height, whole),
    subjects.map((subject, row) => {
      const y = TOP + row * ROW;
      const value = subject.median.sustainedPerSecond;
      return [
        label(subject, y),
        line(LABELS, y, scale.at(value), y, { class: subject.kind, width: 2 }),
        dot(scale.at(value), y, 5, subject.kind),
        text(scale.at(value) + 10, y + 4, whole(value), { class: subject.kind === 'ours' ? 'strong' : '' }),
      ];
    }),
  ]);
}

/** The subjects that have the figure, best first. The harness itself is no competitor. */
function rowsOf(found, figure, lowIsBest = true) {
  const subjects = Object.values(found?.subjects ?? {}).filter(
    ({ kind, median }) => kind !== 'baseline' && Number.isFinite(median[figure]),
  );
  return subjects.toSorted((a, b) => (lowIsBest ? 1 : -1) * (a.median[figure] - b.median[figure]));
}

function label({ label: content, kind }, y) {
  return text(LABELS - 14, y + 4, content, { class: kind === 'ours' ? 'strong' : '', anchor: 'end' });
}

function axis(scale, height, format) {
  return scale.ticks.map((tick) => [
    line(scale.at(tick), 48, scale.at(tick), height - 14),
    text(scale.at(tick), 44, format(tick), { class: 'small', anchor: 'middle' }),
  ]);
}
