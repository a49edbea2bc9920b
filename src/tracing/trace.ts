/** The handle of one trace: what all its observations share, and for some a root span that is written when it closes. */
import type { Frozen } from '../event/frozen.js';
import { type ObservationType, TRACE, type TraceAttributes } from '../shared/records.js';
import type { GenerationBody, ScoreBody, Time, TraceBody } from './bodies.js';
import { tellCall } from './call-events.js';
import { now, toTime } from './clock.js';
import {
  addMetadata,
  freeze,
  freezePayload,
  read,
  readable,
  type TracingCore,
  warnUnreadable,
} from './core.js';
import { toEnvironment, toFlag, toTags, toText } from './fields.js';
import {
  newTraceId,
  rootSpanOf,
  type SpanId,
  spanIdText,
  type TraceId,
  toTraceId,
  traceIdText,
} from './ids.js';
import { Observation } from './observation.js';
import { enter, leave, type OpenHandle } from './open-handles.js';
import { Parent } from './parent.js';
import { mergeTags } from './propagate.js';
import { createFields, type ObservationFields, writeObservation } from './record.js';
import { isSampled } from './sampling.js';
import { activeScope, type Propagated } from './scope.js';
import { writeScore } from './score.js';
import { formatTraceparent } from './trace-context.js';

/**
 * One trace: the work that one request, conversation or job sets off. Made by `client.trace()`, and for each
 * observation that begins without one.
 *
 * One made by `client.trace()` need not be ended: it is written by `end()`, by a flush or at shutdown, or when nothing
 * was open in it and nothing came for one flush interval. What comes later sends it again under the same id.
 */
export class Trace extends Parent {
  readonly #core: TracingCore;
  /** Of its root span. What it shares with its observations is in `attributes`. */
  readonly #fields: ObservationFields;
  /** Whether it is written as a span of its own; else its first observation is its root. */
  readonly #hasSpan: boolean;
  #root: Observation | null = null;
  #userId: string | null = null;
  #sessionId: string | null = null;
  #tags: readonly string[] | null;
  #release: string | null;
  #public: boolean | null = null;
  #metadata: Frozen[] | null = null;
  /** Whether there is news that has not been written. */
  #dirty = true;
  #touchedAtSweep = 0;

  /** @internal TraceAttributes as they go on every span, encoded once per change. */
  attributes: Frozen | null = null;
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
  constructor(core: TracingCore, body: TraceBody | undefined, hasSpan: boolean) {
    super();
    const id = toTraceId(toText(read(core, body, 'id'))) ?? newTraceId();
    this.#core = isSampled(id, core.config.sampleRate) ? core : core.silent;
    const startTime = toTime(read(core, body, 'timestamp')) ?? now();
    this.#hasSpan = hasSpan;
    this.#fields = createFields(TRACE, 'span', id, rootSpanOf(id), null, startTime);
    this.#fields.endTime = startTime;
    this.#fields.version = core.config.version;
    this.#fields.environment = core.config.environment;
    this.#release = core.config.release;
    this.#tags = core.config.tags;
    const propagated = activeScope(core.scopes)?.propagated;
    if (propagated) this.#inherit(propagated);
    this.#apply(body ?? {});
    this.#reopen();
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
    this.#dirty = true;
    this.#reopen();
    if (this.#core.calls.isHeard) this.tell();
    return this;
  }

  /** @internal Listeners get what it is now. */
  tell(): void {
    tellCall(this.#core, 'create', this);
  }

  /** Closes the trace, now or at `endTime`, and hands it over for delivery. */
  end(body?: TraceBody & { endTime?: Time | null }): this {
    if (body !== undefined && body !== null) this.#apply(body);
    const endTime = toTime(read(this.#core, body, 'endTime')) ?? now();
    if (this.#hasSpan) {
      this.#fields.endTime = Math.max(this.#fields.startTime, endTime);
      leave(this.#core.open, this);
      this.#write();
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
    return this.startInside(parentId, type, body);
  }

  /** @internal Under a span of this trace; null: at its top. */
  startInside(parentId: SpanId | null, type: ObservationType, body: GenerationBody | undefined): Observation {
    this.#touchedAtSweep = this.#core.open.sweep;
    const observation = new Observation(this.#core, this, parentId, type, body);
    if (this.#core.calls.isHeard) tellCall(this.#core, 'create', observation);
    if (!this.#hasSpan) this.#root ??= observation;
    return observation;
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
    this.#inherit(propagated);
    this.#freezeAttributes();
    this.#dirty = true;
    this.#reopen();
  }

  /** @internal */
  childEnded(endTime: number): void {
    this.#touchedAtSweep = this.#core.open.sweep;
    if (endTime <= (this.#fields.endTime as number)) return;
    this.#fields.endTime = endTime;
    this.#dirty = true;
    this.#reopen();
  }

  /** @internal A trace is never unfinished by itself: its open observations say so. */
  writeUnfinished(): void {
    if (this.#dirty) this.#write();
  }

  /** @internal */
  closeIfIdle(sweep: number): boolean {
    if (this.openChildren > 0 || sweep - this.#touchedAtSweep < 2) return false;
    if (this.#dirty) this.#write();
    return true;
  }

  /** @internal */
  writeIfQuiet(): void {
    if (this.openChildren === 0 && this.#dirty) this.#write();
  }

  #reopen(): void {
    this.#touchedAtSweep = this.#core.open.sweep;
    if (!this.listed && this.#hasSpan && this.#core.engine !== undefined) enter(this.#core.open, this);
  }

  #apply(body: TraceBody): void {
    try {
      this.#applyFields(body);
    } catch (error) {
      warnUnreadable(this.#core, error);
      this.#applyFields(readable(body));
    }
    this.#freezeAttributes();
  }

  /** What is null or missing stays as it is. Metadata comes last: it is added to what is there, which happens once. */
  #applyFields(body: TraceBody): void {
    const core = this.#core;
    const fields = this.#fields;
    fields.name = toText(body.name) ?? fields.name;
    this.#userId = toText(body.userId) ?? this.#userId;
    this.#sessionId = toText(body.sessionId) ?? this.#sessionId;
    this.#tags = toTags(body.tags) ?? this.#tags;
    fields.version = toText(body.version) ?? fields.version;
    this.#release = toText(body.release) ?? this.#release;
    fields.environment = toEnvironment(core, body.environment) ?? fields.environment;
    this.#public = toFlag(body.public) ?? this.#public;
    this.#applyPayload(body);
    this.#metadata = addMetadata(this.#metadata, freezePayload(core, body.metadata, 'metadata', this));
  }

  /** Of a trace without a span of its own they are its root's. */
  #applyPayload({ input, output }: TraceBody): void {
    if (input === undefined && output === undefined) return;
    if (!this.#hasSpan) {
      this.#root?.update({ input, output });
      return;
    }
    this.#fields.input = freezePayload(this.#core, input, 'input', this) ?? this.#fields.input;
    this.#fields.output = freezePayload(this.#core, output, 'output', this) ?? this.#fields.output;
  }

  #inherit({ traceName, userId, sessionId, tags, metadata }: Propagated): void {
    this.#fields.name = traceName ?? this.#fields.name;
    this.#userId = userId ?? this.#userId;
    this.#sessionId = sessionId ?? this.#sessionId;
    this.#tags = mergeTags(this.#tags, tags);
    if (metadata !== null) this.#metadata = [...(this.#metadata ?? []), ...metadata];
  }

  #freezeAttributes(): void {
    this.attributes = freeze(this.#core, this.#traceAttributes());
  }

  #traceAttributes(): TraceAttributes {
    return [
      this.#fields.name,
      this.#userId,
      this.#sessionId,
      this.#tags,
      this.#metadata,
      this.#release,
      this.#public,
    ];
  }

  #write(): void {
    this.#dirty = false;
    this.#fields.trace = this.attributes;
    this.#core.engine?.write(writeObservation, this.#fields, this.#fields.traceId.word3);
  }
}
