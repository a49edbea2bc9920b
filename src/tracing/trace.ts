/** The handle of one trace: the values that its observations share, and its own record if it has a span of its own. */
import { type Frozen, sameFrozen } from '../event/frozen.js';
import { TRACE, TRACE_UPDATE } from '../records/kinds.js';
import { createFields, type Kept, type ObservationFields, writeObservation } from '../records/observation.js';
import { type TraceAttributes, type TraceValues, toTraceAttributes } from '../records/trace.js';
import type { ObservationType } from '../records/vocabulary.js';
import { isSuppressed } from '../shared/runtime/suppression.js';
import { Parent, type TailraceClient, type Trace } from './api.js';
import type { GenerationBody, ScoreBody, TraceBody, TraceEndBody } from './bodies.js';
import { emitCall } from './call-events.js';
import { currentOrigin, now, startIn, timeIn, toTime } from './clock.js';
import { activeScope, type InnerTrace, type Propagated, type TracingCore } from './core.js';
import { read, readable, toText, warnUnreadable } from './fields.js';
import {
  isSampled,
  keyOf,
  newTraceId,
  rootSpanOf,
  type SpanId,
  spanIdText,
  type TraceId,
  toTraceId,
  traceIdText,
} from './ids.js';
import { ObservationHandle } from './observation.js';
import { hasNews, leave, type OpenHandle } from './open-handles.js';
import { freeze } from './payloads.js';
import { mergePropagated } from './propagation/propagated.js';
import { formatTraceparent } from './propagation/trace-context.js';
import { type QuietTrace, type QuietTraces, touchTrace } from './quiet-traces.js';
import { writeScore } from './score.js';
import {
  beginUpdate,
  contradictsVersion,
  createNews,
  isUpdatedSince,
  noteChange,
  noteContradiction,
  rememberTime,
  type TraceNews,
  wroteOther,
  wroteRoot,
} from './trace-news.js';
import {
  applyTraceBody,
  createTraceValues,
  inheritValues,
  SET_ATTRIBUTES,
  SET_PAYLOAD,
} from './trace-values.js';

export class TraceHandle extends Parent implements Trace, InnerTrace {
  readonly #core: TracingCore;
  /** The fields of its root span. */
  readonly #fields: ObservationFields;
  /** Whether it is written as a span of its own. If not, its first observation is its root. */
  readonly #hasSpan: boolean;
  #root: ObservationHandle | null = null;
  /** The values that it shares with its observations, beside name, version and environment; encoded in `attributes`. */
  readonly #values: TraceValues;
  readonly #news: TraceNews;
  /** When it was made; null once something has begun in it. */
  #madeAt: number | null;

  /** The TraceAttributes for every span, encoded once per change. */
  attributes: Frozen | null = null;
  readonly key: number;
  clockOrigin: number;
  readonly brought: Propagated | null;
  openChildren = 0;
  previous: OpenHandle | null = null;
  next: OpenHandle | null = null;
  listed = false;
  openedAtSweep = 0;
  touchedAtSweep = 0;
  quietIn: QuietTraces | null = null;
  quietBefore: QuietTrace | null = null;
  quietAfter: QuietTrace | null = null;

  constructor(
    core: TracingCore,
    body: TraceBody | undefined,
    hasSpan: boolean,
    brought: Propagated | null = null,
  ) {
    super();
    const givenId = toTraceId(toText(read(core, body, 'id')));
    const id = givenId ?? newTraceId();
    this.key = keyOf(id);
    this.#core = isSampled(id, core.config.sampleRate) ? core : core.noop;
    const madeAt = now();
    this.clockOrigin = currentOrigin();
    this.#madeAt = hasSpan ? null : madeAt;
    const startTime = toTime(read(core, body, 'timestamp')) ?? madeAt;
    this.#hasSpan = hasSpan;
    this.#news = createNews(hasSpan, givenId !== null, madeAt);
    this.#fields = createFields(TRACE, 'span', id, rootSpanOf(id), null, startTime);
    this.#fields.endTime = startTime;
    this.#fields.version = core.config.version;
    this.#fields.environment = core.config.environment;
    this.#fields.isAppRoot = true;
    // A trace that began elsewhere keeps its tags from there: a server keeps the last tags that it gets.
    this.#values = createTraceValues(core.config.release, this.#beganHere ? core.config.tags : null);
    this.brought = brought;
    const here = activeScope(core.scopes)?.propagated ?? null;
    const propagated = mergePropagated(brought, here);
    if (propagated !== null) {
      inheritValues(this.#values, this.#fields, propagated);
      this.#fields.version = propagated.version ?? this.#fields.version;
      this.#fields.environment = propagated.environment ?? this.#fields.environment;
    }
    if (hasSpan && isUpdatedSince(this.#news, this.#core, this.key, startTime)) {
      this.#news.isPayloadContradicted = true;
      this.#contradict();
      this.#markChanged();
    }
    this.#apply(body ?? {});
    if (hasSpan) this.#reopen();
  }

  get id(): string {
    return traceIdText(this.#fields.traceId);
  }

  override toJSON(): object {
    return { id: this.id };
  }

  get traceId(): string {
    return this.id;
  }

  get name(): string | null {
    return this.#fields.name;
  }

  get type(): 'trace' {
    return 'trace';
  }

  get observationId(): null {
    return null;
  }

  get baseUrl(): string {
    return this.#core.config.baseUrl;
  }

  get client(): TailraceClient {
    return this.#core.client;
  }

  get traceparent(): string {
    const sampled = this.#core.engine !== undefined;
    return formatTraceparent(this.id, this.#root?.id ?? spanIdText(this.#fields.id), sampled);
  }

  update(body: TraceBody): this {
    this.#apply(body ?? {});
    this.#markChanged();
    if (this.#core.calls.hasListeners) this.emitCreate();
    return this;
  }

  emitCreate(): void {
    emitCall(this.#core, 'create', this);
  }

  end(body?: TraceEndBody): this {
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

  getTraceUrl(): string {
    return this.client.getTraceUrl(this.id);
  }

  override start<T extends ObservationType>(type: T, body: GenerationBody | undefined): ObservationHandle<T> {
    const parentId = this.#hasSpan ? this.#fields.id : (this.#root?.binaryId ?? null);
    return this.startInside(parentId, type, body, parentId === null);
  }

  startInside<T extends ObservationType>(
    parentId: SpanId | null,
    type: T,
    body: GenerationBody | undefined,
    isAppRoot: boolean,
  ): ObservationHandle<T> {
    if (this.#core.engine !== undefined && isSuppressed()) {
      return new TraceHandle(this.#core.noop, undefined, false).start(type, body);
    }
    touchTrace(this, this.#core.open.sweep);
    const observation = new ObservationHandle(this.#core, this, parentId, type, body, isAppRoot);
    if (this.#core.calls.hasListeners) emitCall(this.#core, 'create', observation);
    return observation;
  }

  /** A trace without a span begins with its first observation, at the same time: this saves a look at the clock. */
  timeOfStart(): number {
    return this.#madeAt ?? startIn(this);
  }

  takeRoot(observation: ObservationHandle, startTime: number): boolean {
    if (this.#hasSpan || this.#root !== null) return false;
    this.#root = observation;
    this.#madeAt = null;
    this.#fields.startTime = startTime;
    if (this.#core.config.protocol === 'ingestion') this.#freezeAttributes();
    return true;
  }

  get hasSpan(): boolean {
    return this.#hasSpan;
  }

  get binaryId(): TraceId {
    return this.#fields.traceId;
  }

  get version(): string | null {
    return this.#fields.version;
  }

  get environment(): string | null {
    return this.#fields.environment;
  }

  propagate(propagated: Propagated): void {
    inheritValues(this.#values, this.#fields, propagated);
    this.#freezeAttributes();
    this.#markChanged();
  }

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
    rememberTime(this.#news, this.#core, this.key);
    if (!this.#hasSpan || (span.endTime as number) <= (this.#fields.endTime as number)) return;
    this.#fields.endTime = span.endTime;
    this.#news.isDirty = true;
    this.#reopen();
  }

  /** A trace itself is never unfinished: its open observations are. */
  writeUnfinished(): void {
    this.writeNews();
  }

  writeNews(): void {
    if (this.#news.isDirty) this.#writeSpan();
    if (this.#news.isContradicted) this.#writeUpdate();
  }

  #markChanged(): void {
    noteChange(this.#news, this.#core, this.key, timeIn(this));
    this.#reopen();
  }

  #contradict(): void {
    if (noteContradiction(this.#news, this.#core)) this.#reopen();
  }

  #reopen(): void {
    const { open, engine } = this.#core;
    touchTrace(this, open.sweep);
    if (engine !== undefined) hasNews(open, this);
  }

  #apply(body: TraceBody): void {
    let set = SET_ATTRIBUTES;
    try {
      set = applyTraceBody(this.#core, this.#values, this.#fields, body, this);
    } catch (error) {
      warnUnreadable(this.#core, error);
      set |= applyTraceBody(this.#core, this.#values, this.#fields, readable(body), this);
    }
    if ((set & SET_PAYLOAD) !== 0 && this.#news.isWritten) {
      this.#news.isPayloadContradicted = true;
      this.#contradict();
    }
    if ((set & SET_ATTRIBUTES) !== 0 || this.attributes === null) this.#freezeAttributes();
  }

  #freezeAttributes(): void {
    const before = this.attributes;
    this.attributes = freeze(this.#core, this.#traceAttributes(null, null));
    if (before === null || sameFrozen(before, this.attributes)) return;
    // Others may have changed a trace whose id was given.
    if (this.#news.isCarried || this.#news.isShared) this.#contradict();
  }

  /** The attributes for the root of a trace without a span: its input and output stand beside the root's own. */
  #rootAttributes(): Frozen | null {
    const { input, output } = this.#fields;
    if (input === null && output === null) return this.attributes;
    return freeze(this.#core, this.#traceAttributes(input, output));
  }

  #traceAttributes(input: Kept, output: Kept): TraceAttributes {
    const isTimed = this.#core.config.protocol === 'ingestion' && this.#beganHere;
    return toTraceAttributes(this.#values, this.#fields, {
      input,
      output,
      startTime: isTimed ? this.#fields.startTime : null,
    });
  }

  get #beganHere(): boolean {
    return this.#hasSpan || !this.#news.isShared;
  }

  #writeSpan(): void {
    this.#news.isDirty = false;
    if (!this.#hasSpan) {
      this.#root?.rewrite();
      return;
    }
    wroteRoot(this.#news, this.#fields);
    if (contradictsVersion(this.#news, this.version)) this.#contradict();
    rememberTime(this.#news, this.#core, this.key);
    this.#writeRecord(this.#fields, this.#news.changedAtMs);
  }

  #writeUpdate(): void {
    // If the span does not contradict input and output, all servers have them from the span.
    const payload = this.#news.isPayloadContradicted ? {} : { input: null, output: null };
    const version = this.version ?? this.#news.rootVersion;
    const update: ObservationFields = { ...this.#fields, ...payload, kind: TRACE_UPDATE, version };
    this.#writeRecord(update, beginUpdate(this.#news));
    rememberTime(this.#news, this.#core, this.key);
  }

  #writeRecord(fields: ObservationFields, timeMs: number): void {
    fields.trace = this.attributes;
    fields.saidAt = timeMs;
    this.#core.engine?.write(writeObservation, fields, fields.traceId.word3);
  }
}
