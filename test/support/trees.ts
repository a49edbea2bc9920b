/** The traces of a receiver as nested plain objects without ids, so that a test can compare a tree as a whole. */
import { type StoredObservation, type StoredTrace, storedTraces } from './stored.js';

/** A trace as the read API has it. Fields without a value are left out, so that an expected tree stays short. */
export interface Tree {
  readonly name?: string;
  readonly userId?: string;
  readonly sessionId?: string;
  readonly tags?: readonly string[];
  readonly metadata?: Record<string, unknown>;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly version?: string;
  readonly release?: string;
  /** Left out: `default`. */
  readonly environment?: string;
  /** Left out: false. */
  readonly public?: true;
  /** The observations without a parent, by start time (of spans to the microsecond), then by arrival. */
  readonly nodes: readonly TreeNode[];
}

/** An observation. */
export interface TreeNode {
  /** `SPAN`, `GENERATION`, `TOOL`, … */
  readonly type: string;
  readonly name?: string;
  /** Left out: `DEFAULT`. */
  readonly level?: string;
  readonly statusMessage?: string;
  readonly model?: string;
  readonly modelParameters?: unknown;
  /** As the client gave them; the receiver's estimates are left out. */
  readonly usageDetails?: Record<string, number>;
  readonly costDetails?: Record<string, number>;
  readonly promptName?: string;
  readonly promptVersion?: number;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly metadata?: Record<string, unknown>;
  readonly version?: string;
  /** Left out: that of its trace. */
  readonly environment?: string;
  readonly hasCompletionStart?: true;
  /** What is wrong with its times, left out if they are in order: its parent encloses it, start ≤ completion start ≤ end. */
  readonly wrongTimes?: readonly string[];
  /** It names a parent that is not in the trace. */
  readonly isOrphan?: true;
  readonly children?: readonly TreeNode[];
}

/** All traces that the receiver has stored, by time. */
export async function readTrees(receiver: { readonly url: string }): Promise<Tree[]> {
  const traces = await storedTraces(receiver.url, '?estimates=true');
  // Newest first, in an order that is finer than the milliseconds that the API shows.
  return traces.reverse().map(treeOf);
}

function treeOf(trace: StoredTrace): Tree {
  const { observations } = trace;
  const byId = new Map(observations.map((one) => [one.id, one]));
  const scrub = scrubber(trace.id, [...byId.keys()]);
  const isRoot = ({ parentObservationId: parent }: StoredObservation) => parent === null || !byId.has(parent);

  const nodeOf = (one: StoredObservation): TreeNode => {
    const children = observations.filter(({ parentObservationId }) => parentObservationId === one.id);
    const parent = byId.get(one.parentObservationId ?? '');
    return scrub(
      present({
        type: one.type,
        name: one.name,
        level: unless('DEFAULT', one.level),
        statusMessage: one.statusMessage,
        model: one.model,
        modelParameters: one.modelParameters,
        usageDetails: isEstimated(one, 'usage') ? null : one.usageDetails,
        costDetails: isEstimated(one, 'cost') ? null : one.costDetails,
        promptName: one.promptName,
        promptVersion: one.promptVersion,
        input: one.input,
        output: one.output,
        metadata: withoutSdk(one.metadata),
        version: one.version,
        environment: unless(trace.environment, one.environment),
        hasCompletionStart: unless(false, one.completionStartTime !== null),
        wrongTimes: wrongTimes(one, parent),
        isOrphan: unless(false, one.parentObservationId !== null && parent === undefined),
        children: children.map(nodeOf),
      }),
    ) as unknown as TreeNode;
  };

  return {
    ...scrub(
      present({
        name: trace.name,
        userId: trace.userId,
        sessionId: trace.sessionId,
        tags: trace.tags,
        metadata: withoutSdk(trace.metadata),
        input: trace.input,
        output: trace.output,
        version: trace.version,
        release: trace.release,
        environment: unless('default', trace.environment),
        public: unless(false, trace.public),
      }),
    ),
    nodes: observations.filter(isRoot).map(nodeOf),
  };
}

/**
 * Times are compared as text: the API writes all of them alike, in milliseconds. An end before the start is not among
 * them: the receiver stores the start, and complains (`end-before-start`).
 */
function wrongTimes(one: StoredObservation, parent: StoredObservation | undefined): string[] {
  const [start, first, end] = [one.startTime, one.completionStartTime, one.endTime] as (string | null)[];
  const [parentStart, parentEnd] = [parent?.startTime, parent?.endTime] as (string | null | undefined)[];
  const before = (a?: string | null, b?: string | null) => a != null && b != null && a < b;
  const wrong: string[] = [];
  if (end === null && one.type !== 'EVENT') wrong.push('has no end');
  if (before(first, start)) wrong.push('completion starts before it starts');
  if (before(end, first)) wrong.push('completion starts after its end');
  if (before(start, parentStart)) wrong.push('starts before its parent');
  if (before(parentEnd, end)) wrong.push('ends after its parent');
  return wrong;
}

type Figures = 'usage' | 'cost';

function isEstimated({ estimate }: StoredObservation, figures: Figures): boolean {
  const mark = (estimate as Record<Figures, string> | null)?.[figures];
  return mark !== undefined && mark !== 'given';
}

/** What Langfuse's servers add of OpenTelemetry's SDK says nothing of the program. */
function withoutSdk(metadata: unknown): unknown {
  const { resourceAttributes, scope, ...rest } = metadata as Record<string, unknown>;
  return rest;
}

function unless(usual: unknown, value: unknown): unknown {
  return value === usual ? undefined : value;
}

/** Leaves out what has no value. Empty text, 0 and false in a payload are values. */
function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => !isNothing(name, value)));
}

const MAY_BE_EMPTY = new Set(['input', 'output']);

function isNothing(name: string, value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return !MAY_BE_EMPTY.has(name) && typeof value === 'object' && Object.keys(value).length === 0;
}

const UUID = /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/gi;

/** A shorter one is not made by a client, and may be a part of any word. */
const MIN_ID_CHARS = 16;

/** Ids of the trace and UUIDs differ with each run: in all text they become what they are. */
function scrubber(traceId: string, observationIds: readonly string[]) {
  const made = [traceId, ...observationIds].filter((id) => id.length >= MIN_ID_CHARS);
  const ids = new RegExp(made.map(escaped).join('|') || '(?!)', 'g');
  const scrubText = (text: string) =>
    text.replace(ids, (id) => (id === traceId ? '<trace id>' : '<observation id>')).replace(UUID, '<uuid>');
  const scrub = (value: unknown): unknown => {
    if (typeof value === 'string') return scrubText(value);
    if (Array.isArray(value)) return value.map(scrub);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [scrubText(key), scrub(one)]));
  };
  return (fields: Record<string, unknown>) => scrub(fields) as Record<string, unknown>;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
