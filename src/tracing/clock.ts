/**
 * The times of what is traced: milliseconds since 1970, with fractions. They follow the system's clock when it is set, or a
 * machine wakes, and an application's own `Date` where its tests have put another in its place. Within a trace they
 * never go back.
 */
import { monotonicNow, systemNow, timeOrigin } from '../shared/runtime/real-time.js';

/** A step of the system's clock larger than this (a suspended laptop, an NTP correction) is followed. */
const MAX_DRIFT_MS = 50;

/** What the monotonic clock's zero was by the system's clock, when that was last looked at. */
let origin = timeOrigin;

/** What has a clock of its own: a trace. */
export interface Clocked {
  /** The monotonic clock's zero. It follows steps forward; one back would put the end of what is open before its start. */
  clockOrigin: number;
}

/** For a trace that begins: after `now()`. */
export function currentOrigin(): number {
  return origin;
}

/** The time for what is of no trace yet, by the system's clock as it is now set: one more look at a clock, 30 ns. */
export function now(): number {
  const monotonicMs = monotonicNow();
  correct(monotonicMs);
  return fakedNow() ?? origin + monotonicMs;
}

/** The same in a trace, where something begins. */
export function startIn(trace: Clocked): number {
  const monotonicMs = monotonicNow();
  correct(monotonicMs);
  return fakedNow() ?? originIn(trace) + monotonicMs;
}

/** The time in a trace, where something goes on or ends. */
export function timeIn(trace: Clocked): number {
  return fakedNow() ?? originIn(trace) + monotonicNow();
}

/** Looks whether the system's clock was set, which the monotonic clock does not know. */
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

/** The time by an application's fake Date. Undefined: it has the real one, or a fake one that tells no time. */
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
