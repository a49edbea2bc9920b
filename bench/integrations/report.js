/** From the figures of the rounds to what is reported: what tracing adds, and ours as a share of Langfuse's. */
import { median, medians } from '../harness/statistics.js';
import { printTable } from '../report/terminal.js';
import { NOTHING, THEIRS } from './programs.js';

/** @returns {object} subject → {median, rounds, ofLangfuse: share of what Langfuse's adds, of the medians} */
export function summarizeCase(results) {
  const others = median(results[NOTHING].map(({ othersMicros }) => othersMicros));
  for (const figures of Object.values(results).flat()) {
    const { mainAdded, othersMicros, calls, plainCalls } = figures;
    figures.processAdded = mainAdded + ((othersMicros - others) * (calls + plainCalls)) / calls;
  }
  const theirs = results[THEIRS] && medians(results[THEIRS]);
  return Object.fromEntries(
    Object.entries(results).map(([subject, rounds]) => {
      const figures = medians(rounds);
      return [subject, { median: figures, rounds, ofLangfuse: theirs ? shares(figures, theirs) : {} }];
    }),
  );
}

function shares(ours, theirs) {
  return Object.fromEntries(
    ['mainAdded', 'processAdded'].map((figure) => [figure, ours[figure] / theirs[figure]]),
  );
}

export function printCase(name, subjects) {
  console.log(`\n${name}`);
  const whole = (value) => (Number.isFinite(value) ? value.toFixed(0) : '');
  const share = (value) => (Number.isFinite(value) ? value.toFixed(2) : '');
  printTable([
    [
      '',
      'without, µs/call',
      'added to the main thread',
      'of langfuse',
      'added to the process',
      'of langfuse',
      'spans per call',
      'lost',
      'wire KB/call',
    ],
    ...Object.entries(subjects).map(([subject, { median: figures, rounds, ofLangfuse }]) => {
      const lost = Math.max(...rounds.map((one) => Math.abs(one.lost) + Math.abs(one.lostSpans)));
      return [
        subject,
        whole(figures.plainMicros),
        whole(figures.mainAdded),
        subject === NOTHING ? '' : share(ofLangfuse.mainAdded),
        whole(figures.processAdded),
        subject === NOTHING ? '' : share(ofLangfuse.processAdded),
        whole(figures.spansPerCall),
        whole(lost),
        share(figures.wireBytes / 1000),
      ];
    }),
  ]);
}
