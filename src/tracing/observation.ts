/** The handle of one observation: collects its fields, serialised by each call, and writes one record when it ends. */
import { OBSERVATION } from '../records/kinds.js';
import { createFields, type ObservationFields, writeObservation } from '../records/observation.js';
import type { ObservationType } from '../records/vocabulary.js';
import { type Observation, Parent, type TailraceClient } from './api.js';
import type { BodyOf, ChildOptions, GenerationBody, ScoreBody, Time, TraceBody, TraceIO } from './bodies.js';
import { emitCall } from './call-events.js';
import { timeIn, toTime } from './clock.js';
import {
  activeScope,
  type InnerObservation,
  type InnerTrace,
  type Propagated,
  type TracingCore,
} from './core.js';
import { read, readType, toBody, toText, warnUnreadable } from './fields.js';
import { newSpanId, type SpanId, spanIdText, toSpanId } from './ids.js';
import { applyObservationBody, applyPropagated } from './observation-fields.js';
import { childBegan, childEnded, enter, leave, type OpenHandle } from './open-handles.js';
import { formatTraceparent } from './propagation/trace-context.js';
import { writeScore } from './score.js';

export class ObservationHandle<T extends ObservationType = ObservationType>
  extends Parent
  implements Observation<T>, InnerObservation<T>, OpenHandle
{
  readonly trace: InnerTrace;
  readonly #core: TracingCore;
  readonly #fields: ObservationFields;

  /** Whether it is the root of a trace that has no span of its own. */
  readonly #isRoot: boolean;
  /** Whether the trace counts it among its open children. */
  #open = false;
  /** Why it was written although it had not ended. */
  #unfinished: string | null = null;

  readonly key = null;
  previous: OpenHandle | null = null;
  next: OpenHandle | null = null;
  listed = false;
  openedAtSweep = 0;

  constructor(
    core: TracingCore,
    trace: InnerTrace,
    parentId: SpanId | null,
    type: T,
    body: GenerationBody | undefined,
    isAppRoot: boolean,
  ) {
    super();
    this.#core = core;
    this.trace = trace;
    const startTime = ownStart(core, body) ?? trace.timeOfStart();
    this.#isRoot = trace.takeRoot(this, startTime);
    this.#fields = createFields(OBSERVATION, type, trace.binaryId, ownId(core, body), parentId, startTime);
    const fields = this.#fields;
    fields.isAppRoot = isAppRoot;
    const propagated = activeScope(core.scopes)?.propagated;
    if (propagated) applyPropagated(fields, propagated);
    if (body !== undefined && body !== null) applyObservationBody(core, fields, body, this);
    if (type === 'event') fields.endTime ??= fields.startTime;
    if (fields.endTime !== null) {
      this.#write();
    } else {
      this.#enter();
    }
  }

  get id(): string {
    return spanIdText(this.#fields.id);
  }

  get observationId(): string {
    return this.id;
  }

  get binaryId(): SpanId {
    return this.#fields.id;
  }

  get scopes(): TracingCore['scopes'] {
    return this.#core.scopes;
  }

  get type(): T {
    return this.#fields.type as T;
  }

  get name(): string | null {
    return this.#fields.name;
  }

  get baseUrl(): string {
    return this.#core.config.baseUrl;
  }

  get client(): TailraceClient {
    return this.#core.client;
  }

  get traceId(): string {
    return this.trace.id;
  }

  get traceparent(): string {
    return formatTraceparent(this.traceId, this.id, this.#core.engine !== undefined);
  }

  override toJSON(): object {
    return { id: this.id, traceId: this.traceId };
  }

  getTraceUrl(): string {
    return this.trace.getTraceUrl();
  }

  update(body: BodyOf<T>): this {
    const ended = this.#fields.endTime !== null;
    applyObservationBody(this.#core, this.#fields, body ?? {}, this);
    if (ended) this.#write();
    else if (this.#fields.endTime !== null) this.#finish();
    else this.#enter();
    if (this.#core.calls.hasListeners) emitCall(this.#core, 'update', this);
    return this;
  }

  updateTrace(body: TraceBody): this {
    this.trace.update(body);
    return this;
  }

  setTraceIO(io: TraceIO): this {
    this.trace.update({ input: read(this.#core, io, 'input'), output: read(this.#core, io, 'output') });
    return this;
  }

  setTraceAsPublic(): this {
    this.trace.update({ public: true });
    return this;
  }

  end(bodyOrTime?: BodyOf<T> | Time | null): this {
    const body = isTime(bodyOrTime) ? { endTime: bodyOrTime } : bodyOrTime;
    const ended = this.#fields.endTime !== null;
    if (body !== undefined && body !== null) applyObservationBody(this.#core, this.#fields, body, this);
    if (ended) {
      if (body === undefined || body === null) return this;
      this.#write();
    } else {
      this.#fields.endTime ??= timeIn(this.trace);
      this.#finish();
    }
    if (this.#core.calls.hasListeners) emitCall(this.#core, 'update', this);
    return this;
  }

  override score(body: ScoreBody): this {
    writeScore(this.#core, body, { traceId: this.trace.id, observationId: this.id });
    return this;
  }

  startObservation<C extends ObservationType = 'span'>(
    name: string,
    attributes?: BodyOf<C> | null,
    options?: ChildOptions<C>,
  ): Observation<C> {
    return this.start(readType(this.#core, options) as C, toBody(this.#core, name, attributes, options));
  }

  override start<C extends ObservationType>(type: C, body: GenerationBody | undefined): InnerObservation<C> {
    return this.trace.startInside(this.#fields.id, type, body, false);
  }

  /** Writes the record again, with the current values of its trace. An open observation has them when it ends. */
  rewrite(): void {
    if (this.#fields.endTime !== null) this.#write();
    else if (!this.#open && this.#unfinished !== null) this.writeUnfinished(this.#unfinished);
  }

  propagate(propagated: Propagated): void {
    applyPropagated(this.#fields, propagated);
    if (this.#fields.endTime !== null) this.#write();
    else this.#enter();
  }

  writeUnfinished(reason: string): void {
    const fields = this.#fields;
    this.#unfinished = reason;
    const { level, statusMessage } = fields;
    if (level !== 'ERROR') fields.level = 'WARNING';
    fields.statusMessage = [statusMessage, `not ended: ${reason}`].filter(Boolean).join('; ');
    fields.endTime = Math.max(fields.startTime, timeIn(this.trace));
    this.#finish();
    // If it ends after all, it is sent again with its own level, message and end.
    fields.level = level;
    // Not null: a Langfuse 3 server would keep the message that has been sent.
    fields.statusMessage = statusMessage ?? '';
    fields.endTime = null;
  }

  /** An observation that was written unfinished enters again with its next change. */
  #enter(): void {
    if (this.#open || this.#core.engine === undefined) return;
    this.#open = true;
    childBegan(this.trace);
    enter(this.#core.open, this);
  }

  #finish(): void {
    if (this.#open) {
      this.#open = false;
      childEnded(this.#core.open, this.trace);
      leave(this.#core.open, this);
    }
    this.#write();
  }

  #write(): void {
    const fields = this.#fields;
    // The current values: the trace may have changed since the observation began.
    this.trace.describeIn(fields, this.#isRoot);
    if (this.#core.config.protocol === 'ingestion') fields.saidAt = timeIn(this.trace);
    this.#core.engine?.write(writeObservation, fields, fields.traceId.word3);
  }
}

/** An array is a time as well: as a body it would have no known field. */
function isTime(given: unknown): given is Time {
  if (typeof given !== 'object') return given !== undefined;
  try {
    return given instanceof Date || Array.isArray(given);
  } catch {
    // A revoked proxy.
    return false;
  }
}

/** Not by `read`: V8 looks up a property whose name varies in a table, which takes 10 times as long. */
function ownStart(core: TracingCore, body: GenerationBody | undefined): number | undefined {
  try {
    return toTime(body?.startTime);
  } catch (error) {
    warnUnreadable(core, error);
    return undefined;
  }
}

function ownId(core: TracingCore, body: GenerationBody | undefined): SpanId {
  try {
    const id = body?.id;
    if (id !== undefined && id !== null) return toSpanId(toText(id)) ?? newSpanId();
  } catch (error) {
    warnUnreadable(core, error);
  }
  return newSpanId();
}
