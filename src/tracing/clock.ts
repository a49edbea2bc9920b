/** Wall-clock time in milliseconds since 1970 with fractions, monotonic between corrections. */

/** A step of the system's clock larger than this (a suspended laptop, an NTP correction) is followed. */
const MAX_DRIFT_MS = 50;

/** Kept: the global is a getter. */
const clock = performance;

let origin = clock.timeOrigin;

export function now(): number {
  return origin + clock.now();
}

/** performance.now() does not know when the system's clock is set; called now and then, off the hot path. */
export function correctClock(): void {
  const drift = Date.now() - now();
  if (Math.abs(drift) > MAX_DRIFT_MS) origin += drift;
}

/** The millisecond that a server reads from a span, whose times are written in microseconds. */
export function wholeMs(ms: number): number {
  return Math.floor(Math.round(ms * 1000) / 1000);
}

/** A `Time` that an application gives, in milliseconds since 1970. Undefined: not a time. */
export function toTime(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const ms = toMs(value);
  return Number.isFinite(ms) && ms >= 0 && ms <= MAX_TIME_MS ? ms : undefined;
}

function toMs(value: unknown): number {
  if (typeof value === 'number') return value;
  try {
    if (Array.isArray(value)) return Number(value[0]) * 1000 + Number(value[1]) / 1e6;
    return value instanceof Date ? value.getTime() : Date.parse(String(value));
  } catch {
    return Number.NaN;
  }
}

/** OTLP's 64 bits of nanoseconds end in 2554, JavaScript's exact microseconds in 2255. */
const MAX_TIME_MS = 9e12;
