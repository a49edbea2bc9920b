/** The handle of one observation: gathers its fields, serialised as they come, and writes one record at its end. */
import {
  type FrozenMetadata,
  OBSERVATION,
  type ObservationLevel,
  type ObservationRecord,
  type ObservationType,
} from '../shared/records.js';
import type { GenerationBody, ScoreBody } from './bodies.js';
import { now, toTime } from './clock.js';
import { addMetadata, freeze, read, type TracingCore, toText, warnUnreadable } from './core.js';
import { newSpanId, toSpanId } from './ids.js';
import { enter, leave, type OpenHandle } from './open-handles.js';
import { Parent } from './parent.js';
import { writeScore } from './score.js';
import type { Trace } from './trace.js';

const LEVELS = new Set<unknown>(['DEBUG', 'DEFAULT', 'WARNING', 'ERROR']);

/** A span, generation, tool call, … inside a trace. Made by `trace.span()` and its siblings. */
export class Observation extends Parent {
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly type: ObservationType;
  /** The trace that it belongs to. */
  readonly trace: Trace;
  readonly #core: TracingCore;
  readonly #parentId: string;
  #startTime: number;
  #endTime: number | null = null;
  #name: string | null = null;
  #completionStartTime: number | null = null;
  #level: ObservationLevel | null = null;
  #statusMessage: string | null = null;
  #version: string | null = null;
  #model: string | null = null;
  #modelParameters: Uint8Array | null = null;
  #usageDetails: Uint8Array | null = null;
  #costDetails: Uint8Array | null = null;
  #promptName: string | null = null;
  #promptVersion: number | null = null;
  #input: Uint8Array | null = null;
  #output: Uint8Array | null = null;
  #metadata: FrozenMetadata = null;

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
    parentId: string,
    type: ObservationType,
    body: GenerationBody | undefined,
  ) {
    super();
    this.#core = core;
    this.trace = trace;
    this.type = type;
    this.#parentId = parentId;
    this.id = toSpanId(toText(read(core, body, 'id'))) ?? newSpanId();
    this.#startTime = toTime(read(core, body, 'startTime')) ?? now();
    if (body !== undefined && body !== null) this.#apply(body);
    if (type === 'event') this.#endTime ??= this.#startTime;
    if (this.#endTime !== null) {
      this.#write();
    } else {
      this.#open = true;
      trace.openChildren++;
      enter(core.open, this);
    }
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
    const ended = this.#endTime !== null;
    this.#apply(body ?? {});
    if (ended) this.#write();
    else if (this.#endTime !== null) this.#finish();
    return this;
  }

  /** Finishes the observation, now or at `endTime`, and hands it over for delivery. Ending twice does no harm. */
  end(body?: GenerationBody): this {
    const ended = this.#endTime !== null;
    if (body !== undefined && body !== null) this.#apply(body);
    if (ended) {
      if (body !== undefined) this.#write();
      return this;
    }
    this.#endTime ??= now();
    this.#finish();
    return this;
  }

  override score(body: ScoreBody): this {
    writeScore(this.#core, body, { traceId: this.trace.id, observationId: this.id });
    return this;
  }

  protected override start(type: ObservationType, body: GenerationBody | undefined): Observation {
    return new Observation(this.#core, this.trace, this.id, type, body);
  }

  /** @internal */
  writeUnfinished(reason: string): void {
    const [level, statusMessage] = [this.#level, this.#statusMessage];
    if (level !== 'ERROR') this.#level = 'WARNING';
    this.#statusMessage = [statusMessage, `not ended: ${reason}`].filter(Boolean).join('; ');
    this.#endTime = Math.max(this.#startTime, now());
    this.#finish();
    // If it is ended after all it is sent again, as it then is.
    this.#level = level;
    this.#statusMessage = statusMessage;
    this.#endTime = null;
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
    if (body.name !== undefined) this.#name = toText(body.name);
    if (body.input !== undefined) this.#input = freeze(core, body.input);
    if (body.output !== undefined) this.#output = freeze(core, body.output);
    if (body.metadata !== undefined)
      this.#metadata = addMetadata(this.#metadata, freeze(core, body.metadata));
    if (body.level !== undefined) this.#level = LEVELS.has(body.level) ? body.level : null;
    if (body.statusMessage !== undefined) this.#statusMessage = toText(body.statusMessage);
    if (body.version !== undefined) this.#version = toText(body.version);
    if (body.startTime !== undefined) this.#startTime = toTime(body.startTime) ?? this.#startTime;
    if (body.endTime !== undefined) this.#endTime = toTime(body.endTime) ?? this.#endTime;
    if (body.model !== undefined) this.#model = toText(body.model);
    if (body.modelParameters !== undefined) this.#modelParameters = freeze(core, body.modelParameters);
    if (body.usageDetails !== undefined) this.#usageDetails = freeze(core, body.usageDetails);
    if (body.costDetails !== undefined) this.#costDetails = freeze(core, body.costDetails);
    if (body.completionStartTime !== undefined) {
      this.#completionStartTime = toTime(body.completionStartTime) ?? null;
    }
    if (body.prompt !== undefined && body.prompt !== null) {
      this.#promptName = toText(body.prompt.name);
      this.#promptVersion = Number.isInteger(body.prompt.version) ? body.prompt.version : null;
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
    const endTime = this.#endTime as number;
    this.trace.childEnded(endTime);
    const record: ObservationRecord = [
      OBSERVATION,
      this.type,
      this.trace.id,
      this.id,
      this.#parentId,
      this.#name,
      this.#startTime,
      endTime,
      this.#completionStartTime,
      this.#level,
      this.#statusMessage,
      this.#version ?? this.trace.version,
      this.#model,
      this.#modelParameters,
      this.#usageDetails,
      this.#costDetails,
      this.#promptName,
      this.#promptVersion,
      this.#input,
      this.#output,
      this.#metadata,
      this.trace.attributes,
    ];
    this.#core.engine?.push(record);
  }
}
