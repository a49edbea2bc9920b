/** The handle of one observation: gathers its fields, serialised as they come, and writes one record at its end. */
import { OBSERVATION, OBSERVATION_LEVELS, type ObservationType } from '../shared/records.js';
import type { GenerationBody, ScoreBody } from './bodies.js';
import { now, toTime } from './clock.js';
import { addMetadata, freeze, read, type TracingCore, toText, warnUnreadable } from './core.js';
import { newSpanId, type SpanId, spanIdText, toSpanId } from './ids.js';
import { enter, leave, type OpenHandle } from './open-handles.js';
import { Parent } from './parent.js';
import { createFields, type ObservationFields, writeObservation } from './record.js';
import { writeScore } from './score.js';
import type { Trace } from './trace.js';

const LEVELS = new Set<unknown>(OBSERVATION_LEVELS);

/** A span, generation, tool call, … inside a trace. Made by `trace.span()` and its siblings. */
export class Observation extends Parent {
  /** The trace that it belongs to. */
  readonly trace: Trace;
  readonly #core: TracingCore;
  readonly #fields: ObservationFields;

  /** Whether the trace counts it among its open children. */
  #open = false;

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
    parentId: SpanId,
    type: ObservationType,
    body: GenerationBody | undefined,
  ) {
    super();
    this.#core = core;
    this.trace = trace;
    this.#fields = createFields(
      OBSERVATION,
      type,
      trace.words,
      ownId(core, body),
      parentId,
      ownTime(core, body),
    );
    if (body !== undefined && body !== null) this.#apply(body);
    const fields = this.#fields;
    if (type === 'event') fields.endTime ??= fields.startTime;
    if (fields.endTime !== null) {
      this.#write();
    } else {
      this.#open = true;
      trace.openChildren++;
      enter(core.open, this);
    }
  }

  /** 16 hexadecimal digits. */
  get id(): string {
    return spanIdText(this.#fields.id);
  }

  get type(): ObservationType {
    return this.#fields.type;
  }

  override toJSON(): object {
    return { id: this.id, traceId: this.traceId };
  }

  /** 32 hexadecimal digits. */
  get traceId(): string {
    return this.trace.id;
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
    return this;
  }

  /** Finishes the observation, now or at `endTime`, and hands it over for delivery. Ending twice does no harm. */
  end(body?: GenerationBody): this {
    const ended = this.#fields.endTime !== null;
    if (body !== undefined && body !== null) this.#apply(body);
    if (ended) {
      if (body !== undefined) this.#write();
      return this;
    }
    this.#fields.endTime ??= now();
    this.#finish();
    return this;
  }

  override score(body: ScoreBody): this {
    writeScore(this.#core, body, { traceId: this.trace.id, observationId: this.id });
    return this;
  }

  protected override start(type: ObservationType, body: GenerationBody | undefined): Observation {
    return new Observation(this.#core, this.trace, this.#fields.id, type, body);
  }

  /** @internal */
  writeUnfinished(reason: string): void {
    const fields = this.#fields;
    const { level, statusMessage } = fields;
    if (level !== 'ERROR') fields.level = 'WARNING';
    fields.statusMessage = [statusMessage, `not ended: ${reason}`].filter(Boolean).join('; ');
    fields.endTime = Math.max(fields.startTime, now());
    this.#finish();
    // If it is ended after all it is sent again, as it then is.
    fields.level = level;
    fields.statusMessage = statusMessage;
    fields.endTime = null;
  }

  /** @internal */
  closeIfIdle(): boolean {
    return false;
  }

  /** @internal */
  writeIfQuiet(): void {}

  #apply(body: GenerationBody): void {
    try {
      this.#applyFields(body);
    } catch (error) {
      warnUnreadable(this.#core, error);
    }
  }

  #applyFields(body: GenerationBody): void {
    const core = this.#core;
    const fields = this.#fields;
    if (body.name !== undefined) fields.name = toText(body.name);
    if (body.input !== undefined) fields.input = freeze(core, body.input);
    if (body.output !== undefined) fields.output = freeze(core, body.output);
    if (body.metadata !== undefined)
      fields.metadata = addMetadata(fields.metadata, freeze(core, body.metadata));
    if (body.level !== undefined) fields.level = LEVELS.has(body.level) ? body.level : null;
    if (body.statusMessage !== undefined) fields.statusMessage = toText(body.statusMessage);
    if (body.version !== undefined) fields.version = toText(body.version);
    if (body.environment !== undefined) fields.environment = toText(body.environment);
    if (body.startTime !== undefined) fields.startTime = toTime(body.startTime) ?? fields.startTime;
    if (body.endTime !== undefined) fields.endTime = toTime(body.endTime) ?? fields.endTime;
    if (body.model !== undefined) fields.model = toText(body.model);
    if (body.modelParameters !== undefined) fields.modelParameters = freeze(core, body.modelParameters);
    if (body.usageDetails !== undefined) fields.usageDetails = freeze(core, body.usageDetails);
    if (body.costDetails !== undefined) fields.costDetails = freeze(core, body.costDetails);
    if (body.completionStartTime !== undefined) {
      fields.completionStartTime = toTime(body.completionStartTime) ?? null;
    }
    if (body.prompt !== undefined && body.prompt !== null) {
      fields.promptName = toText(body.prompt.name);
      fields.promptVersion = Number.isInteger(body.prompt.version) ? body.prompt.version : null;
    }
  }

  #finish(): void {
    if (this.#open) {
      this.#open = false;
      this.trace.openChildren--;
      leave(this.#core.open, this);
    }
    this.#write();
  }

  #write(): void {
    const fields = this.#fields;
    this.trace.childEnded(fields.endTime as number);
    // As they are now: the trace may have changed since the observation began.
    fields.trace = this.trace.attributes;
    fields.traceVersion = this.trace.version;
    fields.traceEnvironment = this.trace.environment;
    this.#core.engine?.write(writeObservation, fields);
  }
}

function ownId(core: TracingCore, body: GenerationBody | undefined): SpanId {
  return toSpanId(toText(read(core, body, 'id'))) ?? newSpanId();
}

function ownTime(core: TracingCore, body: GenerationBody | undefined): number {
  return toTime(read(core, body, 'startTime')) ?? now();
}
