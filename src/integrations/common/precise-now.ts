/** The time for a moment that lies between two moments of the tracing API, which has fractions of milliseconds. */

/** A larger difference is a clock that was set, or an application's fake `Date`; the tracing API follows both. */
const MAX_DRIFT_MS = 50;

/** Milliseconds since 1970, with fractions: a whole number could lie before the start of the observation that it belongs to. */
export function preciseNow(): number {
  const ms = Date.now();
  const precise = performance.timeOrigin + performance.now();
  return Math.abs(ms - precise) > MAX_DRIFT_MS ? ms : precise;
}
