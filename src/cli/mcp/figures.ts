/** Figures and short texts of traces, each with its unit, on one line. */
import { printableName } from '../../shared/untrusted-text/printable.js';
import type { ScoreSummary } from '../../viewer/data/list.js';

export function durationText(micros: number | null): string {
  if (micros === null) return 'no end';
  const ms = micros / 1_000;
  if (ms < 1) return `${micros} µs`;
  if (ms < 1_000) return `${round(ms, 1)} ms`;
  return ms < 120_000 ? `${round(ms / 1_000, 2)} s` : `${round(ms / 60_000, 1)} min`;
}

export function tokensText(tokens: number | null, isEstimated: boolean): string {
  return tokens === null ? '' : `${isEstimated ? '≈' : ''}${tokens.toLocaleString('en')} tokens`;
}

export function costText(dollars: number | null, isEstimated: boolean): string {
  return dollars === null ? '' : `${isEstimated ? '≈' : ''}$${round(dollars, 6)}`;
}

/** Invalid times are shown as they are stored. */
export function timeText(micros: number): string {
  const date = new Date(micros / 1_000);
  return Number.isNaN(date.getTime()) ? `${micros} µs` : date.toISOString();
}

export function scoresText(scores: readonly ScoreSummary[]): string {
  return scores.map(scoreText).join(', ');
}

function scoreText({ name, count, mean, last }: ScoreSummary): string {
  const value = mean === null ? quoted(last ?? '', 60) : round(mean, 4);
  return `${oneLine(name, 60)}=${value}${count > 1 ? ` (of ${count})` : ''}`;
}

export function oneLine(text: string, maxChars: number): string {
  return printableName(text, maxChars);
}

export function quoted(text: string, maxChars: number): string {
  return JSON.stringify(oneLine(text, maxChars));
}

/** Without the empty ones. */
export function joined(parts: readonly (string | false | null | undefined)[], separator = ' '): string {
  return parts
    .filter((part) => part !== '' && part !== false && part !== null && part !== undefined)
    .join(separator);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
