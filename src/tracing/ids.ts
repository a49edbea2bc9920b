/**
 * Trace and span ids: W3C's 128 and 64 bits, never all zero. Handles keep them as 32-bit words, the most significant first,
 * as they cross the ring. The hexadecimal text is made on request only: it costs as much as all the rest of a handle.
 */

import type { SpanId, TraceId } from '../records/ids.js';

export type { SpanId, TraceId };

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;
const WORD_DIGITS = 8;

/** Not imported: loading it takes 5 ms, which would delay the start of a service. */
const crypto = () => process.getBuiltinModule('node:crypto');

/** A hash of the id, for maps. It covers all words: an application's own ids may differ in a single one. */
export function keyOf({ word0, word1, word2, word3 }: TraceId): number {
  return Math.imul(word0, 0x9e3779b1) ^ Math.imul(word1, 0x85ebca6b) ^ Math.imul(word2, 0xc2b2ae35) ^ word3;
}

/** Loads the random generator, so that the first id need not wait for it. */
export function prepareIds(): void {
  crypto();
}

/** Random bytes are drawn in bulk: one call of the generator for each id would cost more than all the rest of a handle. */
const pool = new Int32Array(2048);
let poolPosition = pool.length;

export function newTraceId(): TraceId {
  const id = { word0: randomWord(), word1: randomWord(), word2: randomWord(), word3: randomWord() };
  // One in 2^128, and the server would refuse its whole batch.
  return (id.word0 | id.word1 | id.word2 | id.word3) === 0 ? newTraceId() : id;
}

export function newSpanId(): SpanId {
  const id = { word0: randomWord(), word1: randomWord() };
  return (id.word0 | id.word1) === 0 ? newSpanId() : id;
}

/** A random id, or the hash of a seed. A seed that is an id is hashed as well. */
export function createTraceIdText(seed: string | undefined): string {
  if (seed === undefined || seed === null || seed === '') return traceIdText(newTraceId());
  return hash(String(seed), TRACE_ID_DIGITS);
}

/** The id of a score, which may be any text for Langfuse. */
export function newScoreId(): string {
  return traceIdText(newTraceId());
}

/** The id of a trace's root span: the first half of the trace's id, or the second if the first is zero. */
export function rootSpanOf({ word0, word1, word2, word3 }: TraceId): SpanId {
  return (word0 | word1) === 0 ? { word0: word2, word1: word3 } : { word0, word1 };
}

export function traceIdText({ word0, word1, word2, word3 }: TraceId): string {
  return hex(word0) + hex(word1) + hex(word2) + hex(word3);
}

export function spanIdText({ word0, word1 }: SpanId): string {
  return hex(word0) + hex(word1);
}

/**
 * The trace id for an id of the application: a valid id as it is, any other text by its SHA-256, so that the
 * same text always means the same trace (the rule of Langfuse's `createTraceId`). Null if there is none.
 */
export function toTraceId(id: string | null): TraceId | null {
  const text = toTraceIdText(id);
  return text === null
    ? null
    : { word0: word(text, 0), word1: word(text, 1), word2: word(text, 2), word3: word(text, 3) };
}

/** Like `toTraceId`, for the id of an observation. */
export function toSpanId(id: string | null): SpanId | null {
  const text = toSpanIdText(id);
  return text === null ? null : { word0: word(text, 0), word1: word(text, 1) };
}

export function toTraceIdText(id: string | null): string | null {
  return toHexId(id, TRACE_ID_DIGITS);
}

export function toSpanIdText(id: string | null): string | null {
  return toHexId(id, SPAN_ID_DIGITS);
}

function toHexId(id: string | null, digits: number): string | null {
  if (id === null || id === '') return null;
  const text = id.length === digits ? id.toLowerCase() : id;
  if (text.length === digits && /^[0-9a-f]*[1-9a-f][0-9a-f]*$/.test(text)) return text;
  return hash(id, digits);
}

function hash(text: string, digits: number): string {
  return crypto().createHash('sha256').update(text).digest('hex').slice(0, digits);
}

function randomWord(): number {
  if (poolPosition === pool.length) {
    crypto().randomFillSync(pool);
    poolPosition = 0;
  }
  return pool[poolPosition++] as number;
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(WORD_DIGITS, '0');
}

function word(text: string, index: number): number {
  return Number.parseInt(text.slice(index * WORD_DIGITS, (index + 1) * WORD_DIGITS), 16) | 0;
}

/**
 * Whether a trace is sampled, by its id alone, so that every service decides the same. The rule of OpenTelemetry's
 * TraceIdRatioBasedSampler for JavaScript (@opentelemetry/sdk-trace 2.12): the exclusive or of the id's four words is below the
 * rate's share of 32 bits.
 */
export function isSampled({ word0, word1, word2, word3 }: TraceId, rate: number): boolean {
  return rate >= 1 || (word0 ^ word1 ^ word2 ^ word3) >>> 0 < Math.floor(rate * 0xffffffff);
}
