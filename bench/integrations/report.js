/** From the figures of the rounds to what is reported: what tracing adds, and ours as a share of Langfuse's. */
import { median, medians } from '../harness/statistics.js';
import { printTable } from '../report/terminal.js';
import { NOTHING, THEIRS } from './programs.js';

const ADDED = { mainMicros: 'mainAdded', processMicros: 'processAdded', activeMicros: 'activeAdded' };

/** @returns {object} subject → {median, rounds, ofLangfuse: share of what Langfuse's adds, median of the rounds} */
export function summarizeCase(results) {
  for (const rounds of Object.values(results)) {
    for (const [round, figures] of rounds.entries()) {
      const nothing = results[NOTHING][round];
      for (const [figure, added] of Object.entries(ADDED)) figures[added] = figures[figure] - nothing[figure];
    }
  }
  return Object.fromEntries(
    Object.entries(results).map(([subject, rounds]) => [
      subject,
      { median: medians(rounds), rounds, ofLangfuse: shares(rounds, results[THEIRS]) },
    ]),
  );
}

function shares(rounds, theirs) {
  if (theirs === undefined) return {};
  const share = (added) => median(rounds.map((figures, round) => figures[added] / theirs[round][added]));
  return Object.fromEntries(Object.values(ADDED).map((added) => [added, share(added)]));
}

export function printCase(name, subjects) {
  console.log(`\n${name}`);
  const whole = (value) => (Number.isFinite(value) ? value.toFixed(0) : '');
  const share = (value) => (Number.isFinite(value) ? value.toFixed(2) : '');
  printTable([
    [
      '',
      'main thread, µs/call',
      'added',
      'of langfuse',
      'process, µs/call',
      'added',
      'of langfuse',
      'spans per call',
      'lost',
      'wire KB/call',
    ],
    ...Object.entries(subjects).map(([subject, { median: figures, rounds, ofLangfuse }]) => {
      const isOther = subject !== NOTHING;
      const lost = Math.max(...rounds.map((one) => Math.abs(one.lost) + Math.abs(one.lostSpans)));
      return [
        subject,
        whole(figures.mainMicros),
        isOther ? whole(figures.mainAdded) : '',
        isOther ? share(ofLangfuse.mainAdded) : '',
        whole(figures.processMicros),
        isOther ? whole(figures.processAdded) : '',
        isOther ? share(ofLangfuse.processAdded) : '',
        whole(figures.spansPerCall),
        whole(lost),
        share(figures.wireBytes / 1000),
      ];
    }),
  ]);
}
