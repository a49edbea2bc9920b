/** The summary for people. */

import type { StoredUsage } from '../../receiver/receiver.js';
import { printableName } from '../../shared/untrusted-text/printable.js';
import type { Paint } from '../terminal.js';
import type { Summary } from './summary.js';

const LABEL_WIDTH = 14;
const COUNT_WIDTH = 11;

/** The lines to print. `subject` names the source; `isComplete`: the store has exactly what was traced. */
export function reportLines(summary: Summary, subject: string, isComplete: boolean, paint: Paint): string[] {
  const { traces, scores, sent, failed, dropped, skipped, usage, durationMs } = summary;
  const { total, ...byType } = summary.observations;
  const line = (label: string, figure: string, detail = '') =>
    `  ${label.padEnd(LABEL_WIDTH)}${figure.padStart(COUNT_WIDTH)}${detail && `   ${paint('dim', detail)}`}`;
  const row = (label: string, count: number, detail = '') => line(label, format(count), detail);
  const problems = [
    failed > 0 && `failed ${format(failed)}`,
    dropped > 0 && `dropped ${format(dropped)}`,
    skipped > 0 && `lines skipped ${format(skipped)}`,
  ].filter((problem) => problem !== false);
  const verdict = isComplete
    ? paint('green', '✓ the receiver stored all that was traced')
    : paint(
        'red',
        '✗ the receiver did not store exactly what was traced, or has complaints: see the messages above',
      );
  return [
    `${paint('bold', subject)} in ${seconds(durationMs)}`,
    '',
    row('traces', traces),
    row('observations', total, list(byType)),
    row('scores', scores.count, list(scores.mean)),
    ...usageLines(usage, line),
    `${row('sent', sent)}   ${problems.length > 0 ? paint('red', problems.join(' · ')) : paint('dim', 'failed 0 · dropped 0')}`,
    ...costLines(summary, traces + total + scores.count, line),
    '',
    `  ${verdict}`,
  ];
}

/** Wall-clock time of the tracing calls. An event is a trace, an observation or a score. */
function costLines(
  { mainThreadMicrosPerEvent, warm }: Summary,
  events: number,
  line: (label: string, figure: string, detail: string) => string,
): string[] {
  if (warm === null)
    return [
      line(
        'main thread',
        `${micros(mainThreadMicrosPerEvent)} µs`,
        `per event, mean of the ${format(events)} of this run`,
      ),
    ];
  const {
    medianMicrosPerEvent,
    meanMicrosPerEvent,
    events: measured,
    passes,
    warmUpEvents,
    isDisturbed,
  } = warm;
  return [
    line(
      'main thread',
      `${micros(medianMicrosPerEvent)} µs`,
      `per event, warm: median of ${passes} passes, mean ${micros(meanMicrosPerEvent)}${isDisturbed ? ' (this machine is busy)' : ''}`,
    ),
    line(
      '',
      '',
      `(${format(measured)} more events like these, not sent, after ${format(warmUpEvents)} to warm up)`,
    ),
    line(
      '',
      `${micros(mainThreadMicrosPerEvent)} µs`,
      `per event, from a cold start: mean of the ${format(events)} of this run`,
    ),
  ];
}

function micros(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 1 });
}

/** A sum with estimates is marked by ≈; without any known figure it is "unknown". */
function usageLines(
  { generations, tokens, cost, prices, tokenizers }: StoredUsage,
  line: (label: string, figure: string, detail: string) => string,
): string[] {
  if (generations === 0) return [];
  const sign = (estimated: number) => (estimated > 0 ? '≈ ' : '');
  const detail = (estimated: number, unknown: number, from: readonly string[]) =>
    [
      estimated > 0 && `not given, estimated for ${format(estimated)} (${from.join('; ')})`,
      unknown > 0 && `unknown for ${format(unknown)}`,
    ]
      .filter((part) => part !== false)
      .join(' · ');
  return [
    line(
      'tokens',
      tokens.sum === null ? 'unknown' : `${sign(tokens.estimated)}${format(tokens.sum)}`,
      detail(tokens.estimated, tokens.unknown, tokenizers),
    ),
    line(
      'cost',
      cost.sum === null ? 'unknown' : `${sign(cost.estimated)}$${format(cost.sum)}`,
      detail(cost.estimated, cost.unknown, prices),
    ),
  ];
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${printableName(name)} ${format(count)}`)
    .join(' · ');
}

function format(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 4 });
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
