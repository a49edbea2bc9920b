/**
 * The clock for everything that is traced: milliseconds since 1970, with fractions. It follows the system's clock when that is set, or
 * the machine wakes, and an application's `Date` if its tests have replaced that. Within a trace it never goes back.
 */
import { monotonicNow, systemNow, timeOrigin } from '../shared/runtime/real-time.js';

/** A step of the system's clock larger than this (a suspended laptop, an NTP correction) is followed. */
const MAX_DRIFT_MS = 50;

/** The time of the monotonic clock's zero by the system's clock, when it was last read. */
let origin = timeOrigin;

/** A trace, which has a clock of its own. */
export interface Clocked {
  /** The monotonic clock's zero. It follows only steps forward: after a step back, open observations would end before their start. */
  clockOrigin: number;
}

/** For a trace that begins. Call `now()` first. */
export function currentOrigin(): number {
  return origin;
}

/** The time outside of a trace, by the current setting of the system's clock. This reads one more clock, which costs 30 ns. */
export function now(): number {
  const monotonicMs = monotonicNow();
  correct(monotonicMs);
  return fakedNow() ?? origin + monotonicMs;
}

/** The time in a trace for an observation that begins. */
export function startIn(trace: Clocked): number {
  const monotonicMs = monotonicNow();
  correct(monotonicMs);
  return fakedNow() ?? originIn(trace) + monotonicMs;
}

/** The time in a trace for an update or an end. */
export function timeIn(trace: Clocked): number {
  return fakedNow() ?? originIn(trace) + monotonicNow();
}

/** Checks whether the system's clock was set, which the monotonic clock does not show. */
export function correctClock(): void {
  correct(monotonicNow());
}

function correct(monotonicMs: number): void {
  const drift = systemNow() - origin - monotonicMs;
  if (drift > MAX_DRIFT_MS || drift < -MAX_DRIFT_MS) origin += drift;
}

function originIn(trace: Clocked): number {
  if (origin > trace.clockOrigin) trace.clockOrigin = origin;
  return trace.clockOrigin;
}

/** The time of an application's fake Date. Undefined: the Date is the real one, or the fake one returns no time. */
function fakedNow(): number | undefined {
  if (Date.now === systemNow) return undefined;
  try {
    const ms: unknown = Date.now();
    return typeof ms === 'number' && Number.isFinite(ms) ? ms : undefined;
  } catch {
    return undefined;
  }
}

/** The millisecond that a server reads from a span, whose times are written in microseconds. */
export function wholeMs(ms: number): number {
  return Math.floor(Math.round(ms * 1000) / 1000);
}

/** An application's `Time` in milliseconds since 1970. Undefined: the value is not a time. */
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
