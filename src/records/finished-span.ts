/**
 * The type of a finished span: what sdk-trace 2.x and 1.x have in common, and the names that differ. It is declared here, as the
 * package must not depend on more of OpenTelemetry than its API.
 */

/** Seconds and nanoseconds since 1970. */
export type HrTime = readonly [seconds: number, nanoseconds: number];

export type Attributes = Readonly<Record<string, unknown>>;

export interface SpanContextLike {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  readonly traceFlags: number;
  readonly isRemote?: boolean | undefined;
  readonly traceState?: { serialize(): string } | undefined;
}

const SAMPLED = 1;

/** A span that is not sampled may still be recorded; it is not exported. */
export function isSampled({ traceFlags }: SpanContextLike): boolean {
  return (traceFlags & SAMPLED) !== 0;
}

export interface FinishedSpan {
  readonly name: string;
  readonly kind: number;
  spanContext(): SpanContextLike;
  /** sdk-trace 2.x. */
  readonly parentSpanContext?: SpanContextLike | undefined;
  /** sdk-trace 1.x. */
  readonly parentSpanId?: string | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: { readonly code: number; readonly message?: string | undefined };
  readonly attributes: Attributes;
  readonly events: readonly FinishedSpanEvent[];
  readonly links: readonly FinishedSpanLink[];
  readonly resource: ResourceLike;
  /** sdk-trace 2.x. */
  readonly instrumentationScope?: ScopeLike | undefined;
  /** sdk-trace 1.x. */
  readonly instrumentationLibrary?: ScopeLike | undefined;
  readonly droppedAttributesCount?: number | undefined;
  readonly droppedEventsCount?: number | undefined;
  readonly droppedLinksCount?: number | undefined;
}

export interface FinishedSpanEvent {
  readonly name: string;
  readonly time: HrTime;
  readonly attributes?: Attributes | undefined;
  readonly droppedAttributesCount?: number | undefined;
}

export interface FinishedSpanLink {
  readonly context: SpanContextLike;
  readonly attributes?: Attributes | undefined;
  readonly droppedAttributesCount?: number | undefined;
}

export interface ResourceLike {
  readonly attributes: Attributes;
  readonly schemaUrl?: string | undefined;
  /** Whether some of its attributes are not known yet. */
  readonly asyncAttributesPending?: boolean | undefined;
  waitForAsyncAttributes?(): Promise<void>;
}

export interface ScopeLike {
  readonly name: string;
  readonly version?: string | undefined;
  readonly schemaUrl?: string | undefined;
  readonly attributes?: Attributes | undefined;
  readonly droppedAttributesCount?: number | undefined;
}
