/** What the parts of the tracing client share: the state of a client, what is active, and the handles as other parts see them. */

import type { ClientConfig } from '../config/client-config.js';
import type { Frozen } from '../event/frozen.js';
import type { Engine } from '../producer/engine.js';
import type { Notifier } from '../producer/messages/notifier.js';
import type { ObservationFields } from '../records/observation.js';
import type { ObservationType } from '../records/vocabulary.js';
import { activeValue, runWithValue } from '../shared/runtime/context.js';
import { activeRun } from '../shared/runtime/library-runs.js';
import type { Observation, TailraceClient, Trace } from './api.js';
import type { GenerationBody } from './bodies.js';
import type { CallEvents } from './call-events.js';
import type { Clocked } from './clock.js';
import type { SpanId, TraceId } from './ids.js';
import type { OpenHandles, OpenTrace } from './open-handles.js';

/** The state that all handles of one client share. */
export interface TracingCore {
  readonly client: TailraceClient;
  readonly config: ClientConfig;
  /** Undefined: the client is a no-op. */
  readonly engine: Engine | undefined;
  /** The same without an engine: for traces that are not sampled, and after shutdown. */
  readonly noop: TracingCore;
  readonly open: OpenHandles;
  readonly scopes: ScopeOwner;
  readonly notifier: Notifier;
  readonly calls: CallEvents;
  /**
   * When the client last changed each of the traces that are continued by their id, by the key of the trace. Each handle of such a
   * trace begins without knowing of the others, and a Langfuse 3 server goes by the times of the events.
   */
  readonly updateTimes: Map<number, number>;
}

/** The handle of a trace, as its observations and the scopes see it. */
export interface InnerTrace extends Trace, OpenTrace, Clocked {
  readonly binaryId: TraceId;
  /** Attributes from a caller's baggage, from another service. */
  readonly brought: Propagated | null;
  /** Adds attributes that `propagateAttributes` got inside the trace. */
  propagate(propagated: Propagated): void;
  /** The time for an observation that begins now. */
  timeOfStart(): number;
  /** The first observation of a trace without a span of its own becomes its root. True: this one has. */
  takeRoot(observation: InnerObservation, startTime: number): boolean;
  /** Starts an observation under a span of this trace; null: at its top. */
  startInside<T extends ObservationType>(
    parentId: SpanId | null,
    type: T,
    body: GenerationBody | undefined,
    isAppRoot: boolean,
  ): InnerObservation<T>;
  /** Adds what the record of a span says about its trace, just before it is written. */
  describeIn(span: ObservationFields, isRoot: boolean): void;
}

/** The handle of an observation, as its trace and the scopes see it. */
export interface InnerObservation<T extends ObservationType = ObservationType> extends Observation<T> {
  readonly trace: InnerTrace;
  readonly binaryId: SpanId;
  /** Of its client. */
  readonly scopes: ScopeOwner;
  /** Adds attributes that `propagateAttributes` got inside the observation. */
  propagate(propagated: Propagated): void;
  /** Writes the record again, with the current values of its trace. */
  rewrite(): void;
}

export type Texts = Readonly<Record<string, string>>;

/** A prompt of the server's prompt management that a generation links to. */
export interface PromptLink {
  readonly name: string | null;
  readonly version: number | null;
}

/** The attributes of a `propagateAttributes` call, or of a caller's baggage, serialised. */
export interface Propagated {
  readonly traceName: string | null;
  readonly userId: string | null;
  readonly sessionId: string | null;
  readonly tags: readonly string[] | null;
  readonly metadata: Frozen[] | null;
  readonly version: string | null;
  readonly environment: string | null;
  readonly prompt: PromptLink | null;
  /** The metadata as texts, masked: for OpenTelemetry's spans. */
  readonly metadataTexts: Texts | null;
  /** The attributes for the headers of requests (see `injectTraceContext`). */
  readonly baggage: Texts | null;
}

/** What is active for one client: the observation that code runs in, and attributes for new observations. */
export interface Scope {
  readonly observation: InnerObservation | null;
  /** OpenTelemetry's active span when this scope began. A span that becomes active later lies further inside. */
  readonly otelSpan: unknown;
  readonly propagated: Propagated | null;
}

/** Identifies the scopes of one client, by identity. */
interface ScopeOwner {
  readonly kind: 'client';
}

export function createScopeOwner(): ScopeOwner {
  return { kind: 'client' };
}

/** What is active where the current code runs: a scope of the client, or a run of a library (LangChain) that lies further inside. */
export function activeScope(owner: ScopeOwner): Scope | undefined {
  const scope = activeValue(owner) as Scope | undefined;
  const run = activeRun(owner, (observation) => (observation as InnerObservation).scopes === owner);
  if (run === undefined) return scope;
  const observation = run.observation as InnerObservation;
  return { observation, otelSpan: run.around.otelSpan, propagated: scope?.propagated ?? null };
}

export function runInScope<R>(owner: ScopeOwner, scope: Scope, run: () => R): R {
  return runWithValue(owner, scope, run);
}
