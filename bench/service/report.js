/** From the figures of the rounds to what is reported: the share of throughput, and what a span costs the process. */
import { median, medians } from '../harness/statistics.js';
import { printTable } from '../report/terminal.js';

/** @returns {object} subject → {median, rounds}; `share` and the costs are taken within each round */
export function summarize(rounds) {
  const { nothing } = rounds;
  return Object.fromEntries(
    Object.entries(rounds).map(([id, figures]) => {
      const completed = figures.map((one, round) => ({
        ...one,
        share: one.perSecond / nothing[round].perSecond,
        cpuPerSpan: (one.cpuMicros - nothing[round].cpuMicros) / one.spansPerRequest,
        mainPerSpan: (one.mainMicros - nothing[round].mainMicros) / one.spansPerRequest,
      }));
      return [id, { median: medians(completed), rounds: completed }];
    }),
  );
}

export function printTracers(title, subjects, summary) {
  console.log(`\n${title}`);
  const fixed = (digits) => (value) => (Number.isFinite(value) ? value.toFixed(digits) : '');
  const columns = [
    ['share of throughput', 'share', fixed(2)],
    ['requests/s', 'perSecond', fixed(0)],
    ['CPU µs/span', 'cpuPerSpan', fixed(1)],
    ['main µs/span', 'mainPerSpan', fixed(1)],
    ...['p50', 'p99', 'p999'].map((name) => [`${name}, ms`, name, fixed(1)]),
    ['full collections per 1,000 requests', 'fullCollections', fixed(1)],
    ['compressed to 1/', 'compression', fixed(1)],
  ];
  printTable([
    ['', ...columns.map(([name]) => name), 'lost'],
    ...subjects.map(({ id, label }) => {
      const { median: figures, rounds } = summary[id];
      const lost = median(rounds.map((one) => one.lost ?? Number.NaN));
      return [label, ...columns.map(([, name, text]) => text(figures[name])), String(lost ?? '')];
    }),
  ]);
}
