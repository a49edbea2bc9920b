/** What a record says of its trace: the attributes that every span of the trace carries, and which span is its root. */
import type { Frozen } from '../event/frozen.js';

/** Metadata of several calls, to be merged in this order; null: there is none. */
export type MetadataParts = readonly unknown[] | null;

/** Langfuse 4 reads what is known of a trace from each of its spans, so every observation carries this. */
export type TraceAttributes = readonly [
  name: string | null,
  userId: string | null,
  sessionId: string | null,
  tags: readonly string[] | null,
  metadata: MetadataParts,
  release: string | null,
  isPublic: boolean | null,
  /** The trace's own; an observation's are in its record. */
  version: string | null,
  environment: string | null,
  /** The trace's own, if they differ from its root's. Only the root carries them, as they may be large. */
  input: unknown,
  output: unknown,
  /** When the trace began, for the protocol that has no span of the trace; null in all other cases. */
  startTime: number | null,
];

/** Indices into TraceAttributes. */
export const TRACE_FIELD = {
  name: 0,
  userId: 1,
  sessionId: 2,
  tags: 3,
  metadata: 4,
  release: 5,
  isPublic: 6,
  version: 7,
  environment: 8,
  input: 9,
  output: 10,
  startTime: 11,
} as const;

/** What a trace shares with its observations, as the client keeps it; its name, version and environment are in its fields. */
export interface TraceValues {
  userId: string | null;
  sessionId: string | null;
  tags: readonly string[] | null;
  release: string | null;
  isPublic: boolean | null;
  metadata: Frozen[] | null;
}

export function toTraceAttributes(
  { userId, sessionId, tags, metadata, release, isPublic }: TraceValues,
  { name, version, environment }: { name: string | null; version: string | null; environment: string | null },
  {
    input,
    output,
    startTime,
  }: { input: Frozen | string | null; output: Frozen | string | null; startTime: number | null },
): TraceAttributes {
  return [
    name,
    userId,
    sessionId,
    tags,
    metadata,
    release,
    isPublic,
    version,
    environment,
    input,
    output,
    startTime,
  ];
}

/** A server refuses a trace with a longer name (`TraceBody` in Langfuse's packages/shared/src/server/ingestion/types.ts). */
const MAX_TRACE_NAME_CHARACTERS = 1000;

export function cutTraceName(name: string): string {
  return name.slice(0, MAX_TRACE_NAME_CHARACTERS).toWellFormed();
}

/**
 * The id of a trace's root. A trace made by `trace()` is a span of its own, the root of its tree. Its id follows from the
 * trace's, so that the same trace written twice, even by two processes, is the same span: the first half of the trace's id,
 * or the second half if the first is zero (64-bit ids of older systems, padded), as no span id may be zero.
 */
export function rootSpanId(traceId: string): string {
  const half = traceId.slice(0, 16);
  return half === '0000000000000000' ? traceId.slice(16) : half;
}

/** The attribute that marks the root. A receiver that knows it shows the span as the trace, not as an observation of it. */
export const TRACE_MARKER = 'tailrace.trace';
