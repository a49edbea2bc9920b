/** The handle of one trace: what all its observations share, and for some a root span that is written when it closes. */
import { type Frozen, sameFrozen } from '../event/frozen.js';
import { TRACE, TRACE_UPDATE } from '../records/kinds.js';
import { createFields, type ObservationFields, writeObservation } from '../records/observation.js';
import { type TraceAttributes, type TraceValues, toTraceAttributes } from '../records/trace.js';
import type { ObservationType } from '../records/vocabulary.js';
import { isSuppressed } from '../shared/runtime/suppression.js';
import type { GenerationBody, ScoreBody, Time, TraceBody } from './bodies.js';
import { tellCall } from './call-events.js';
import { currentOrigin, now, startIn, timeIn, toTime } from './clock.js';
import {
  addMetadata,
  freeze,
  freezePayload,
  read,
  readable,
  type TracingCore,
  warnUnreadable,
} from './core.js';
import { toText } from './fields.js';
import {
  keyOf,
  newTraceId,
  rootSpanOf,
  type SpanId,
  spanIdText,
  type TraceId,
  toTraceId,
  traceIdText,
} from './ids.js';
import { Observation } from './observation.js';
import { hasNews, leave, type OpenHandle } from './open-handles.js';
import { Parent } from './parent.js';
import { mergePropagated, type Propagated } from './propagation/propagated.js';
import { formatTraceparent } from './propagation/trace-context.js';
import { type QuietTrace, type QuietTraces, touchTrace } from './quiet-traces.js';
import { afterAllSaid, isSaidSince, rememberSaid } from './said-times.js';
import { isSampled } from './sampling.js';
import { activeScope } from './scope.js';
import { writeScore } from './score.js';
import {
  contradictsVersion,
  createNews,
  settle,
  type TraceNews,
  timeOfUpdate,
  wroteOther,
  wroteRoot,
} from './trace-news.js';
import { applyValues, createTraceValues, inheritValues } from './trace-values.js';

/**
 * One trace: the work that one request, conversation or job sets off. Made by `client.trace()`, and for each
 * observation that begins without one.
 *
 * One made by `client.trace()` need not be ended: it is written by `end()`, by a flush or at shutdown, or when nothing
 * was open in it and nothing came for one flush interval (50 ms at least). What comes later sends it again under the same id.
 */
export class Trace extends Parent {
  readonly #core: TracingCore;
  /** Of its root span. */
  readonly #fields: ObservationFields;
  /** Whether it is written as a span of its own; else its first observation is its root. */
  readonly #hasSpan: boolean;
  /** Whether others may speak of it as well: its id was given. */
  readonly #isShared: boolean;
  #root: Observation | null = null;
  /** What it shares with its observations, beside its name, version and environment; encoded in `attributes`. */
  readonly #values: TraceValues;
  readonly #news: TraceNews;
  /** When it was made; null once something has begun in it. */
  #madeAt: number | null;

  /** @internal TraceAttributes as they go on every span, encoded once per change. */
  attributes: Frozen | null = null;
  /** @internal */
  readonly key: number;
  /** @internal */
  clockOrigin: number;
  /** @internal What a caller's baggage has brought, from another service. */
  readonly brought: Propagated | null;
  /** @internal */
  openChildren = 0;
  /** @internal */
  previous: OpenHandle | null = null;
  /** @internal */
  next: OpenHandle | null = null;
  /** @internal */
  listed = false;
  /** @internal */
  openedAtSweep = 0;
  /** @internal */
  touchedAtSweep = 0;
  /** @internal */
  quietIn: QuietTraces | null = null;
  /** @internal */
  quietBefore: QuietTrace | null = null;
  /** @internal */
  quietAfter: QuietTrace | null = null;

  /** @internal */
  constructor(
    core: TracingCore,
    body: TraceBody | undefined,
    hasSpan: boolean,
    brought: Propagated | null = null,
  ) {
    super();
    const givenId = toTraceId(toText(read(core, body, 'id')));
    const id = givenId ?? newTraceId();
    this.#isShared = givenId !== null;
    this.key = keyOf(id);
    this.#core = isSampled(id, core.config.sampleRate) ? core : core.silent;
    const saidAt = now();
    this.clockOrigin = currentOrigin();
    this.#madeAt = hasSpan ? null : saidAt;
    const startTime = toTime(read(core, body, 'timestamp')) ?? saidAt;
    this.#hasSpan = hasSpan;
    this.#news = createNews(hasSpan, saidAt);
    this.#fields = createFields(TRACE, 'span', id, rootSpanOf(id), null, startTime);
    this.#fields.endTime = startTime;
    this.#fields.version = core.config.version;
    this.#fields.environment = core.config.environment;
    this.#fields.isAppRoot = true;
    // A trace that began elsewhere has the tags that it was given there: a server keeps the last.
    this.#values = createTraceValues(core.config.release, this.#beganHere ? core.config.tags : null);
    this.brought = brought;
    const here = activeScope(core.scopes)?.propagated ?? null;
    const propagated = mergePropagated(brought, here);
    if (propagated !== null) {
      inheritValues(this.#values, this.#fields, propagated);
      this.#fields.version = propagated.version ?? this.#fields.version;
      this.#fields.environment = propagated.environment ?? this.#fields.environment;
    }
    if (hasSpan && this.#isContinued && isSaidSince(core.said, this.key, startTime)) {
      this.#news.isPayloadContradicted = true;
      this.#contradict();
      this.#spoke();
    }
    this.#apply(body ?? {});
    if (hasSpan) this.#reopen();
  }

  /** 32 hexadecimal digits. */
  get id(): string {
    return traceIdText(this.#fields.traceId);
  }

  override toJSON(): object {
    return { id: this.id };
  }

  /** The same as `id`. */
  get traceId(): string {
    return this.id;
  }

  get name(): string | null {
    return this.#fields.name;
  }

  /** Tells it from an observation. */
  get type(): 'trace' {
    return 'trace';
  }

  /** A trace is no observation: none. */
  get observationId(): null {
    return null;
  }

  /** Address of the client's server. */
  get baseUrl(): string {
    return this.#core.config.baseUrl;
  }

  /** The client that it was made by. */
  get client(): TracingCore['client'] {
    return this.#core.client;
  }

  /** Its root span as a W3C `traceparent` header, for a request to another service. */
  get traceparent(): string {
    const sampled = this.#core.engine !== undefined;
    return formatTraceparent(this.id, this.#root?.id ?? spanIdText(this.#fields.id), sampled);
  }

  /** Sets fields; they are serialised here. Observations that end from now on carry them. */
  update(body: TraceBody): this {
    this.#apply(body ?? {});
    this.#spoke();
    if (this.#core.calls.isHeard) this.tell();
    return this;
  }

  /** @internal Listeners get what it is now. */
  tell(): void {
    tellCall(this.#core, 'create', this);
  }

  /** Closes the trace, now or at `endTime`, and hands it over for delivery. */
  end(body?: TraceBody & { endTime?: Time | null }): this {
    if (body !== undefined && body !== null) this.update(body);
    const endTime = toTime(read(this.#core, body, 'endTime')) ?? timeIn(this);
    if (this.#hasSpan) {
      this.#fields.endTime = Math.max(this.#fields.startTime, endTime);
      leave(this.#core.open, this);
      this.#news.isDirty = true;
      this.writeNews();
    } else {
      this.#root?.end({ endTime });
    }
    return this;
  }

  override score(body: ScoreBody): this {
    writeScore(this.#core, body, { traceId: this.id });
    return this;
  }

  /** Address of the trace's page on the server. */
  getTraceUrl(): string {
    return this.client.getTraceUrl(this.id);
  }

  /** @internal */
  override start(type: ObservationType, body: GenerationBody | undefined): Observation {
    const parentId = this.#hasSpan ? this.#fields.id : (this.#root?.words ?? null);
    return this.startInside(parentId, type, body, parentId === null);
  }

  /** @internal Under a span of this trace; null: at its top. */
  startInside(
    parentId: SpanId | null,
    type: ObservationType,
    body: GenerationBody | undefined,
    isAppRoot: boolean,
  ): Observation {
    if (this.#core.engine !== undefined && isSuppressed()) {
      return new Trace(this.#core.silent, undefined, false).start(type, body);
    }
    touchTrace(this, this.#core.open.sweep);
    const observation = new Observation(this.#core, this, parentId, type, body, isAppRoot);
    if (this.#core.calls.isHeard) tellCall(this.#core, 'create', observation);
    return observation;
  }

  /** @internal The time of what begins in it now. What a trace without a span is made for begins with it: one look at the clock. */
  timeOfStart(): number {
    return this.#madeAt ?? startIn(this);
  }

  /** @internal The first observation of a trace without a span of its own is its root. True: it is this one. */
  takeRoot(observation: Observation, startTime: number): boolean {
    if (this.#hasSpan || this.#root !== null) return false;
    this.#root = observation;
    this.#madeAt = null;
    this.#fields.startTime = startTime;
    if (this.#core.config.protocol === 'ingestion') this.#freezeAttributes();
    return true;
  }

  /** @internal */
  get hasSpan(): boolean {
    return this.#hasSpan;
  }

  /** @internal */
  get words(): TraceId {
    return this.#fields.traceId;
  }

  /** @internal */
  get version(): string | null {
    return this.#fields.version;
  }

  /** @internal */
  get environment(): string | null {
    return this.#fields.environment;
  }

  /** @internal Adds what `propagateAttributes` was given inside it. */
  propagate(propagated: Propagated): void {
    inheritValues(this.#values, this.#fields, propagated);
    this.#freezeAttributes();
    this.#spoke();
  }

  /** @internal Adds what a span says of its trace, when it is about to be written. */
  describeIn(span: ObservationFields, isRoot: boolean): void {
    span.trace = isRoot ? this.#rootAttributes() : this.attributes;
    span.traceVersion = this.version;
    span.traceEnvironment = this.environment;
    touchTrace(this, this.#core.open.sweep);
    const { startTime, version } = span;
    if (isRoot) wroteRoot(this.#news, { startTime, version });
    else wroteOther(this.#news, { startTime, version: version ?? this.version });
    if (contradictsVersion(this.#news, this.version)) {
      this.#contradict();
      this.#news.isDirty ||= !isRoot;
    }
    this.#remember();
    if (!this.#hasSpan || (span.endTime as number) <= (this.#fields.endTime as number)) return;
    this.#fields.endTime = span.endTime;
    this.#news.isDirty = true;
    this.#reopen();
  }

  /** @internal A trace is never unfinished by itself: its open observations say so. */
  writeUnfinished(): void {
    this.writeNews();
  }

  /** @internal */
  writeNews(): void {
    if (this.#news.isDirty) this.#writeSpan();
    if (this.#news.isContradicted) this.#writeUpdate();
  }

  /** The application has said something of the trace itself. */
  #spoke(): void {
    const saidAt = timeIn(this);
    this.#news.saidAtMs = this.#isContinued ? afterAllSaid(this.#core.said, this.key, saidAt) : saidAt;
    this.#news.isDirty = true;
    this.#remember();
    this.#reopen();
  }

  /** Whether other handles of this client may have spoken of it. Over the classic protocol the worker knows. */
  get #isContinued(): boolean {
    return this.#isShared && this.#core.config.protocol === 'otel';
  }

  /** How late what it has sent is, with the update that is still to come. */
  #remember(): void {
    if (!this.#isContinued) return;
    const { isContradicted, latestMs } = this.#news;
    // A span that is written before the update may make it a millisecond later.
    rememberSaid(this.#core.said, this.key, isContradicted ? timeOfUpdate(this.#news) + 1 : latestMs);
  }

  /** Over the classic protocol each event has the time when it was said. */
  #contradict(): void {
    if (this.#core.config.protocol !== 'otel') return;
    this.#news.isContradicted = true;
    this.#reopen();
  }

  #reopen(): void {
    const { open, engine } = this.#core;
    touchTrace(this, open.sweep);
    if (engine !== undefined) hasNews(open, this);
  }

  #apply(body: TraceBody): void {
    let saysAttributes = true;
    try {
      saysAttributes = this.#applyFields(body);
    } catch (error) {
      warnUnreadable(this.#core, error);
      this.#applyFields(readable(body));
    }
    if (saysAttributes || this.attributes === null) this.#freezeAttributes();
  }

  /** Metadata comes last: it is added to what is there, which happens once. Returns whether any of `attributes` was said. */
  #applyFields(body: TraceBody): boolean {
    const saysValues = applyValues(this.#core, this.#values, this.#fields, body);
    this.#applyPayload(body);
    const metadata = freezePayload(this.#core, body.metadata, 'metadata', this);
    this.#values.metadata = addMetadata(this.#values.metadata, metadata);
    return saysValues || metadata !== null;
  }

  #applyPayload({ input, output }: TraceBody): void {
    if (input === undefined && output === undefined) return;
    this.#fields.input = freezePayload(this.#core, input, 'input', this) ?? this.#fields.input;
    this.#fields.output = freezePayload(this.#core, output, 'output', this) ?? this.#fields.output;
    if (!this.#news.isWritten) return;
    this.#news.isPayloadContradicted = true;
    this.#contradict();
  }

  #freezeAttributes(): void {
    const before = this.attributes;
    this.attributes = freeze(this.#core, this.#traceAttributes(null, null));
    if (before === null || sameFrozen(before, this.attributes)) return;
    // Of a trace whose id was given, others may have spoken.
    if (this.#news.isCarried || this.#isShared) this.#contradict();
  }

  /** Of a trace without a span of its own, input and output go with its root, beside the root's. */
  #rootAttributes(): Frozen | null {
    const { input, output } = this.#fields;
    if (input === null && output === null) return this.attributes;
    return freeze(this.#core, this.#traceAttributes(input, output));
  }

  #traceAttributes(input: Frozen | null, output: Frozen | null): TraceAttributes {
    const isTimed = this.#core.config.protocol === 'ingestion' && this.#beganHere;
    return toTraceAttributes(this.#values, this.#fields, {
      input,
      output,
      startTime: isTimed ? this.#fields.startTime : null,
    });
  }

  get #beganHere(): boolean {
    return this.#hasSpan || !this.#isShared;
  }

  #writeSpan(): void {
    this.#news.isDirty = false;
    if (!this.#hasSpan) {
      this.#root?.rewrite();
      return;
    }
    wroteRoot(this.#news, this.#fields);
    if (contradictsVersion(this.#news, this.version)) this.#contradict();
    this.#remember();
    this.#writeRecord(this.#fields, this.#news.saidAtMs);
  }

  #writeUpdate(): void {
    // Else they are on the span, where all servers find them.
    const payload = this.#news.isPayloadContradicted ? {} : { input: null, output: null };
    const version = this.version ?? this.#news.rootVersion;
    const update: ObservationFields = { ...this.#fields, ...payload, kind: TRACE_UPDATE, version };
    this.#writeRecord(update, settle(this.#news));
    this.#remember();
  }

  #writeRecord(fields: ObservationFields, saidAtMs: number): void {
    fields.trace = this.attributes;
    fields.saidAt = saidAtMs;
    this.#core.engine?.write(writeObservation, fields, fields.traceId.word3);
  }
}
