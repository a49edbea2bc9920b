/** The handle of one trace: what all its observations share, and a root span that is written when it closes. */
import {
  type FrozenMetadata,
  type ObservationRecord,
  type ObservationType,
  rootSpanId,
  TRACE,
  type TraceAttributes,
} from '../shared/records.js';
import type { GenerationBody, ScoreBody, Time, TraceBody } from './bodies.js';
import { now, toTime } from './clock.js';
import { addMetadata, freeze, read, type TracingCore, toText, warnUnreadable } from './core.js';
import { newTraceId, toTraceId } from './ids.js';
import { Observation } from './observation.js';
import { enter, leave, type OpenHandle } from './open-handles.js';
import { Parent } from './parent.js';
import { writeScore } from './score.js';

/**
 * One trace: the work that one request, conversation or job sets off. Made by `client.trace()`.
 *
 * It need not be ended: it is written by `end()`, by a flush or at shutdown, or when nothing was open in it and
 * nothing came for one flush interval. What comes later sends it again under the same id.
 */
export class Trace extends Parent {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly #core: TracingCore;
  readonly #startTime: number;
  #endTime: number;
  #name: string | null = null;
  #userId: string | null = null;
  #sessionId: string | null = null;
  #tags: readonly string[] | null = null;
  #release: string | null;
  #environment: string | null;
  #public: boolean | null = null;
  #input: Uint8Array | null = null;
  #output: Uint8Array | null = null;
  #metadata: FrozenMetadata = null;
  /** Whether there is news that has not been written. */
  #dirty = true;
  #touchedAtSweep = 0;

  /** @internal */
  version: string | null = null;
  /** @internal TraceAttributes as they go on every span, encoded once per change. */
  attributes: Uint8Array | null = null;
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
  constructor(core: TracingCore, body: TraceBody | undefined) {
    super();
    this.#core = core;
    this.id = toTraceId(toText(read(core, body, 'id'))) ?? newTraceId();
    this.#startTime = toTime(read(core, body, 'timestamp')) ?? now();
    this.#endTime = this.#startTime;
    this.#release = core.config.release;
    this.#environment = core.config.environment;
    this.#apply(body ?? {});
    this.#reopen();
  }

  /** The same as `id`. */
  get traceId(): string {
    return this.id;
  }

  /** Sets fields; they are serialised here. Observations that end from now on carry them. */
  update(body: TraceBody): this {
    this.#apply(body ?? {});
    this.#dirty = true;
    this.#reopen();
    return this;
  }

  /** Closes the trace, now or at `endTime`, and hands it over for delivery. */
  end(body?: TraceBody & { endTime?: Time }): this {
    if (body !== undefined && body !== null) this.#apply(body);
    this.#endTime = Math.max(this.#startTime, toTime(read(this.#core, body, 'endTime')) ?? now());
    leave(this.#core.open, this);
    this.#write();
    return this;
  }

  override score(body: ScoreBody): this {
    writeScore(this.#core, body, { traceId: this.id });
    return this;
  }

  /** Address of the trace's page on the server. */
  getTraceUrl(): string {
    return `${this.#core.config.baseUrl}/trace/${this.id}`;
  }

  protected override start(type: ObservationType, body: GenerationBody | undefined): Observation {
    this.#touchedAtSweep = this.#core.open.sweep;
    return new Observation(this.#core, this, rootSpanId(this.id), type, body);
  }

  /** @internal */
  childEnded(endTime: number): void {
    this.#touchedAtSweep = this.#core.open.sweep;
    if (endTime <= this.#endTime) return;
    this.#endTime = endTime;
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
    if (!this.listed) enter(this.#core.open, this);
  }

  #apply(body: TraceBody): void {
    try {
      this.#applyFields(body);
    } catch (error) {
      warnUnreadable(this.#core, error);
    }
    this.attributes = freeze(this.#core, this.#traceAttributes());
  }

  #applyFields(body: TraceBody): void {
    const core = this.#core;
    if (body.name !== undefined) this.#name = toText(body.name);
    if (body.userId !== undefined) this.#userId = toText(body.userId);
    if (body.sessionId !== undefined) this.#sessionId = toText(body.sessionId);
    if (body.tags !== undefined) this.#tags = toTags(body.tags);
    if (body.version !== undefined) this.version = toText(body.version);
    if (body.release !== undefined) this.#release = toText(body.release);
    if (body.environment !== undefined) this.#environment = toText(body.environment);
    if (body.public !== undefined) this.#public = body.public === null ? null : Boolean(body.public);
    if (body.input !== undefined) this.#input = freeze(core, body.input);
    if (body.output !== undefined) this.#output = freeze(core, body.output);
    if (body.metadata !== undefined)
      this.#metadata = addMetadata(this.#metadata, freeze(core, body.metadata));
  }

  #traceAttributes(): TraceAttributes {
    return {
      name: this.#name,
      userId: this.#userId,
      sessionId: this.#sessionId,
      tags: this.#tags,
      metadata: this.#metadata,
      release: this.#release,
      environment: this.#environment,
      public: this.#public,
    };
  }

  #write(): void {
    const record: ObservationRecord = [
      TRACE,
      'span',
      this.id,
      rootSpanId(this.id),
      null,
      this.#name,
      this.#startTime,
      this.#endTime,
      null,
      null,
      null,
      this.version,
      null,
      null,
      null,
      null,
      null,
      null,
      this.#input,
      this.#output,
      null, // The trace's metadata is among its attributes.
      this.attributes,
    ];
    this.#dirty = false;
    this.#core.engine?.push(record);
  }
}

function toTags(tags: unknown): readonly string[] | null {
  if (tags === null) return null;
  return (Array.isArray(tags) ? tags : [tags]).map((tag) => toText(tag) ?? '');
}
