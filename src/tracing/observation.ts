/** The handle of one observation: gathers its fields, serialised as they come, and writes one record at its end. */
import { OBSERVATION } from '../records/kinds.js';
import { createFields, type ObservationFields, writeObservation } from '../records/observation.js';
import type { ObservationType } from '../records/vocabulary.js';
import type { BodyOf, GenerationBody, ScoreBody, Time, TraceBody, TraceIO } from './bodies.js';
import { tellCall } from './call-events.js';
import { timeIn, toTime } from './clock.js';
import {
  addMetadata,
  freeze,
  freezePayload,
  read,
  readable,
  type TracingCore,
  warnUnreadable,
} from './core.js';
import { type PromptLink, readPrompt, readType, toEnvironment, toLevel, toText } from './fields.js';
import { newSpanId, type SpanId, spanIdText, toSpanId } from './ids.js';
import { type ChildOptions, named } from './named.js';
import { childBegan, childEnded, enter, leave, type OpenHandle } from './open-handles.js';
import { Parent } from './parent.js';
import type { Propagated } from './propagation/propagated.js';
import { formatTraceparent } from './propagation/trace-context.js';
import { activeScope } from './scope.js';
import { writeScore } from './score.js';
import type { Trace } from './trace.js';
import { readCostDetails, readUsage, readUsageDetails, type UsageFields } from './usage.js';

/** A span, generation, tool call, … inside a trace. Made by `trace.span()` and its siblings, or by `startObservation()`. */
export class Observation extends Parent {
  /** The trace that it belongs to. */
  readonly trace: Trace;
  readonly #core: TracingCore;
  readonly #fields: ObservationFields;

  /** Whether it stands for its trace, which has no span of its own. */
  readonly #isRoot: boolean;
  /** Whether the trace counts it among its open children. */
  #open = false;
  /** Why it was written without having ended. */
  #unfinished: string | null = null;

  /** @internal */
  readonly key = null;

  /** @internal */
  previous: OpenHandle | null = null;
  /** @internal */
  next: OpenHandle | null = null;
  /** @internal */
  listed = false;
  /** @internal */
  openedAtSweep = 0;

  /** @internal */
  constructor(
    core: TracingCore,
    trace: Trace,
    parentId: SpanId | null,
    type: ObservationType,
    body: GenerationBody | undefined,
    isAppRoot: boolean,
  ) {
    super();
    this.#core = core;
    this.trace = trace;
    const startTime = toTime(read(core, body, 'startTime')) ?? trace.timeOfStart();
    this.#isRoot = trace.takeRoot(this, startTime);
    this.#fields = createFields(OBSERVATION, type, trace.words, ownId(core, body), parentId, startTime);
    const fields = this.#fields;
    fields.isAppRoot = isAppRoot;
    const propagated = activeScope(core.scopes)?.propagated;
    if (propagated) this.#inherit(propagated);
    if (body !== undefined && body !== null) this.#apply(body);
    if (type === 'event') fields.endTime ??= fields.startTime;
    if (fields.endTime !== null) {
      this.#write();
    } else {
      this.#enter();
    }
  }

  /** 16 hexadecimal digits. */
  get id(): string {
    return spanIdText(this.#fields.id);
  }

  /** The same as `id`. */
  get observationId(): string {
    return this.id;
  }

  get type(): ObservationType {
    return this.#fields.type;
  }

  get name(): string | null {
    return this.#fields.name;
  }

  /** Address of the client's server. */
  get baseUrl(): string {
    return this.#core.config.baseUrl;
  }

  /** The client that it was made by. */
  get client(): TracingCore['client'] {
    return this.#core.client;
  }

  override toJSON(): object {
    return { id: this.id, traceId: this.traceId };
  }

  /** 32 hexadecimal digits. */
  get traceId(): string {
    return this.trace.id;
  }

  /** As a W3C `traceparent` header, for a request to another service. */
  get traceparent(): string {
    return formatTraceparent(this.traceId, this.id, this.#core.engine !== undefined);
  }

  /** Address of the trace's page on the server. */
  getTraceUrl(): string {
    return this.trace.getTraceUrl();
  }

  /**
   * Sets fields. The values are serialised here: what the application does to them later does not show. After
   * `end()` the observation is sent again under the same id, which replaces it.
   */
  update(body: GenerationBody): this {
    const ended = this.#fields.endTime !== null;
    this.#apply(body ?? {});
    if (ended) this.#write();
    else if (this.#fields.endTime !== null) this.#finish();
    else this.#enter();
    if (this.#core.calls.isHeard) tellCall(this.#core, 'update', this);
    return this;
  }

  /** Sets fields of its trace. */
  updateTrace(body: TraceBody): this {
    this.trace.update(body);
    return this;
  }

  /** Sets input and output of its trace, beside its own (see `TraceBody`). */
  setTraceIO(io: TraceIO): this {
    this.trace.update({ input: read(this.#core, io, 'input'), output: read(this.#core, io, 'output') });
    return this;
  }

  /** Lets everybody with the link see its trace. */
  setTraceAsPublic(): this {
    this.trace.update({ public: true });
    return this;
  }

  /**
   * Finishes the observation, now or at `endTime` (which may be all that is given), and hands it over for delivery.
   * Ending twice does no harm.
   */
  end(bodyOrTime?: GenerationBody | Time | null): this {
    const body = isTime(bodyOrTime) ? { endTime: bodyOrTime } : bodyOrTime;
    const ended = this.#fields.endTime !== null;
    if (body !== undefined && body !== null) this.#apply(body);
    if (ended) {
      if (body === undefined || body === null) return this;
      this.#write();
    } else {
      this.#fields.endTime ??= timeIn(this.trace);
      this.#finish();
    }
    if (this.#core.calls.isHeard) tellCall(this.#core, 'update', this);
    return this;
  }

  override score(body: ScoreBody): this {
    writeScore(this.#core, body, { traceId: this.trace.id, observationId: this.id });
    return this;
  }

  /** Starts an observation of any type inside this one. */
  startObservation<T extends ObservationType = 'span'>(
    name: string,
    attributes?: BodyOf<T> | null,
    options?: ChildOptions<T>,
  ): Observation {
    return this.start(readType(this.#core, options), named(this.#core, name, attributes, options));
  }

  /** @internal */
  override start(type: ObservationType, body: GenerationBody | undefined): Observation {
    return this.trace.startInside(this.#fields.id, type, body, false);
  }

  /** @internal */
  get words(): SpanId {
    return this.#fields.id;
  }

  /** @internal Writes it again as it is, with what is now true of its trace. One that is open will say it when it ends. */
  rewrite(): void {
    if (this.#fields.endTime !== null) this.#write();
    else if (!this.#open && this.#unfinished !== null) this.writeUnfinished(this.#unfinished);
  }

  /** @internal What `propagateAttributes` was given inside it. */
  propagate(propagated: Propagated): void {
    this.#inherit(propagated);
    if (this.#fields.endTime !== null) this.#write();
    else this.#enter();
  }

  /** @internal */
  writeUnfinished(reason: string): void {
    const fields = this.#fields;
    this.#unfinished = reason;
    const { level, statusMessage } = fields;
    if (level !== 'ERROR') fields.level = 'WARNING';
    fields.statusMessage = [statusMessage, `not ended: ${reason}`].filter(Boolean).join('; ');
    fields.endTime = Math.max(fields.startTime, timeIn(this.trace));
    this.#finish();
    // If it is ended after all it is sent again, as it then is.
    fields.level = level;
    // Not null: a server of Langfuse 3 would keep the one that has been sent.
    fields.statusMessage = statusMessage ?? '';
    fields.endTime = null;
  }

  #inherit({ version, environment, prompt }: Propagated): void {
    const fields = this.#fields;
    fields.version = version ?? fields.version;
    fields.environment = environment ?? fields.environment;
    // A server links them to nothing else.
    if (prompt !== null && fields.type === 'generation') this.#link(prompt);
  }

  #link({ name, version }: PromptLink): void {
    this.#fields.promptName = name;
    this.#fields.promptVersion = version;
  }

  #apply(body: GenerationBody): void {
    try {
      this.#applyFields(body);
    } catch (error) {
      warnUnreadable(this.#core, error);
      this.#applyFields(readable(body));
    }
  }

  /**
   * What is null or missing stays as it is; most fields are, and asking costs less than converting nothing. Metadata comes
   * last: it is added to what is there, which happens once.
   */
  #applyFields(body: GenerationBody): void {
    const core = this.#core;
    const fields = this.#fields;
    if (body.name !== undefined) fields.name = toText(body.name) ?? fields.name;
    if (body.input !== undefined)
      fields.input = freezePayload(core, body.input, 'input', this) ?? fields.input;
    if (body.output !== undefined)
      fields.output = freezePayload(core, body.output, 'output', this) ?? fields.output;
    if (body.level !== undefined) fields.level = toLevel(core, body.level) ?? fields.level;
    if (body.statusMessage !== undefined)
      fields.statusMessage = toText(body.statusMessage) ?? fields.statusMessage;
    if (body.version !== undefined) fields.version = toText(body.version) ?? fields.version;
    if (body.environment !== undefined)
      fields.environment = toEnvironment(core, body.environment) ?? fields.environment;
    if (body.startTime !== undefined) fields.startTime = toTime(body.startTime) ?? fields.startTime;
    if (body.endTime !== undefined) fields.endTime = toTime(body.endTime) ?? fields.endTime;
    this.#applyModelFields(body);
    if (body.metadata !== undefined)
      fields.metadata = addMetadata(fields.metadata, freezePayload(core, body.metadata, 'metadata', this));
  }

  #applyModelFields(body: GenerationBody): void {
    const core = this.#core;
    const fields = this.#fields;
    const { usage, usageDetails, costDetails, prompt } = body;
    if (body.model !== undefined) fields.model = toText(body.model) ?? fields.model;
    if (body.modelParameters !== undefined)
      fields.modelParameters = freeze(core, body.modelParameters) ?? fields.modelParameters;
    if (body.completionStartTime !== undefined)
      fields.completionStartTime = toTime(body.completionStartTime) ?? fields.completionStartTime;
    if (usage !== undefined && usage !== null) this.#applyUsage(readUsage(core, usage));
    if (usageDetails !== undefined && usageDetails !== null)
      this.#applyUsage({ usageDetails: readUsageDetails(core, usageDetails) });
    if (costDetails !== undefined && costDetails !== null)
      this.#applyUsage({ costDetails: readCostDetails(core, costDetails) });
    if (prompt !== undefined && prompt !== null) this.#link(readPrompt(core, prompt));
  }

  #applyUsage({ usageDetails, costDetails, unit }: UsageFields): void {
    const fields = this.#fields;
    fields.usageDetails = freeze(this.#core, usageDetails) ?? fields.usageDetails;
    fields.costDetails = freeze(this.#core, costDetails) ?? fields.costDetails;
    fields.usageUnit = unit ?? fields.usageUnit;
  }

  /** Once written without having ended, it enters again when something new is said of it. */
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
    // As it is now: the trace may have changed since the observation began.
    this.trace.describeIn(fields, this.#isRoot);
    if (this.#core.config.protocol === 'ingestion') fields.saidAt = timeIn(this.trace);
    this.#core.engine?.write(writeObservation, fields, fields.traceId.word3);
  }
}

/** An array is one as well: as a body it has no field of ours. */
function isTime(given: GenerationBody | Time | null | undefined): given is Time {
  if (typeof given !== 'object') return given !== undefined;
  try {
    return given instanceof Date || Array.isArray(given);
  } catch {
    // A revoked proxy.
    return false;
  }
}

function ownId(core: TracingCore, body: GenerationBody | undefined): SpanId {
  return toSpanId(toText(read(core, body, 'id'))) ?? newSpanId();
}
