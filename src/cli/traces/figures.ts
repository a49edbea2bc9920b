/** Counts, durations and costs as the terminal shows them. */

const NOUNS = [
  ['traces', 'trace'],
  ['observations', 'observation'],
  ['scores', 'score'],
  ['comments', 'comment'],
  ['media', 'medium'],
] as const;

type Counts = Readonly<Record<(typeof NOUNS)[number][0], number>>;

/** `12 traces, 1 score`: traces always, others if there are any. */
export function countsText(counts: Counts): string {
  return NOUNS.filter(([many]) => many === 'traces' || counts[many] > 0)
    .map(([many, one]) => `${counts[many].toLocaleString('en')} ${counts[many] === 1 ? one : many}`)
    .join(', ');
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

export function durationText(us: number | null): string {
  if (us === null) return '';
  if (us < 1000) return `${us} µs`;
  const ms = us / 1000;
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.round(seconds - minutes * 60)} s`;
}

/** `isEstimated`: with ≈ in front. */
export function tokensText(tokens: number | null, isEstimated = false): string {
  return tokens === null ? '' : `${isEstimated ? '≈' : ''}${Math.round(tokens).toLocaleString('en')} tok`;
}

/** In US dollars. */
export function costText(cost: number | null, isEstimated = false): string {
  if (cost === null) return '';
  const digits = cost >= 1 ? 2 : cost >= 0.01 ? 4 : 6;
  return `${isEstimated ? '≈' : ''}$${cost.toFixed(digits)}`;
}

/** The time of day here, with milliseconds. */
export function clockText(us: number): string {
  const date = new Date(us / 1000);
  const pad = (number: number, digits = 2) => String(number).padStart(digits, '0');
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}
