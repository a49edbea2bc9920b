/** The summary as a person reads it. */
import type { Summary } from './summary.js';
import type { Paint } from './terminal.js';

const LABEL_WIDTH = 14;
const COUNT_WIDTH = 8;
/** With fewer events most of the time goes by before the calls have been compiled and optimised. */
const WARM_EVENTS = 20_000;

/** The lines to print. `subject` says what was run; `isComplete`, that the store holds just what was traced. */
export function reportLines(summary: Summary, subject: string, isComplete: boolean, paint: Paint): string[] {
  const { traces, scores, sent, failed, dropped, skipped, durationMs, mainThreadMicrosPerEvent } = summary;
  const { total, ...byType } = summary.observations;
  const row = (label: string, count: number, detail = '') =>
    `  ${label.padEnd(LABEL_WIDTH)}${format(count).padStart(COUNT_WIDTH)}${detail && `   ${paint('dim', detail)}`}`;
  const problems = [
    failed > 0 && `failed ${format(failed)}`,
    dropped > 0 && `dropped ${format(dropped)}`,
    skipped > 0 && `lines skipped ${format(skipped)}`,
  ].filter((problem) => problem !== false);
  const isWarm = traces + total + scores.count >= WARM_EVENTS;
  const verdict = isComplete
    ? paint('green', '✓ the receiver stored all that was traced')
    : paint('red', '✗ not all is as it should be');
  return [
    `${paint('bold', subject)} in ${seconds(durationMs)}`,
    '',
    row('traces', traces),
    row('observations', total, list(byType)),
    row('scores', scores.count, list(scores.mean)),
    `${row('sent', sent)}   ${problems.length > 0 ? paint('red', problems.join(' · ')) : paint('dim', 'failed 0 · dropped 0')}`,
    row('main thread', mainThreadMicrosPerEvent, `µs per event${isWarm ? '' : ', from a cold start'}`),
    '',
    `  ${verdict}`,
  ];
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${format(count)}`)
    .join(' · ');
}

function format(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 4 });
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
