/** The handle of one trace: what all its observations share, and a root span that is written when it closes. */
import type { Frozen } from '../event/frozen.js';
import { type ObservationType, TRACE, type TraceAttributes } from '../shared/records.js';
import type { GenerationBody, ScoreBody, Time, TraceBody } from './bodies.js';
import { now, toTime } from './clock.js';
import { addMetadata, freeze, read, type TracingCore, toText, warnUnreadable } from './core.js';
import { newTraceId, rootSpanOf, type TraceId, toTraceId, traceIdText } from './ids.js';
import { Observation } from './observation.js';
import { enter, leave, type OpenHandle } from './open-handles.js';
import { Parent } from './parent.js';
import { createFields, type ObservationFields, writeObservation } from './record.js';
import { writeScore } from './score.js';

/**
 * One trace: the work that one request, conversation or job sets off. Made by `client.trace()`.
 *
 * It need not be ended: it is written by `end()`, by a flush or at shutdown, or when nothing was open in it and
 * nothing came for one flush interval. What comes later sends it again under the same id.
 */
export class Trace extends Parent {
  readonly #core: TracingCore;
  /** Of its root span. What it shares with its observations is in `attributes`. */
  readonly #fields: ObservationFields;
  #userId: string | null = null;
  #sessionId: string | null = null;
  #tags: readonly string[] | null = null;
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
  constructor(core: TracingCore, body: TraceBody | undefined) {
    super();
    this.#core = core;
    const id = toTraceId(toText(read(core, body, 'id'))) ?? newTraceId();
    const startTime = toTime(read(core, body, 'timestamp')) ?? now();
    this.#fields = createFields(TRACE, 'span', id, rootSpanOf(id), null, startTime);
    this.#fields.endTime = startTime;
    this.#release = core.config.release;
    this.#fields.environment = core.config.environment;
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
    const endTime = toTime(read(this.#core, body, 'endTime')) ?? now();
    this.#fields.endTime = Math.max(this.#fields.startTime, endTime);
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
    return new Observation(this.#core, this, this.#fields.id, type, body);
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
    const fields = this.#fields;
    if (body.name !== undefined) fields.name = toText(body.name);
    if (body.userId !== undefined) this.#userId = toText(body.userId);
    if (body.sessionId !== undefined) this.#sessionId = toText(body.sessionId);
    if (body.tags !== undefined) this.#tags = toTags(body.tags);
    if (body.version !== undefined) fields.version = toText(body.version);
    if (body.release !== undefined) this.#release = toText(body.release);
    if (body.environment !== undefined) fields.environment = toText(body.environment);
    if (body.public !== undefined) this.#public = body.public === null ? null : Boolean(body.public);
    if (body.input !== undefined) fields.input = freeze(core, body.input);
    if (body.output !== undefined) fields.output = freeze(core, body.output);
    if (body.metadata !== undefined)
      this.#metadata = addMetadata(this.#metadata, freeze(core, body.metadata));
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
    this.#core.engine?.write(writeObservation, this.#fields);
  }
}

function toTags(tags: unknown): readonly string[] | null {
  if (tags === null) return null;
  return Array.from(Array.isArray(tags) ? tags : [tags], (tag) => toText(tag) ?? '');
}
