/**
 * The state of a trace by the rules of both server versions.
 *
 * Langfuse 3 merges the events of a trace by time: the last value of a field wins, and with
 * equal times the one that arrived first. Langfuse 4 takes, by arrival, the last span's value that is
 * not empty. The tables have the state of Langfuse 3; of Langfuse 4 only the short fields are kept, for comparison.
 * Two states merge as their events would, so the spans of a request are folded before the store is read.
 */

import { isDeepStrictEqual } from 'node:util';
import { define, type Metadata, mergeBelow, mergedValue } from './merge.js';
import type { Micros } from './rows.js';
import type { Steps } from './steps.js';

type TimedField =
  | 'name'
  | 'userId'
  | 'sessionId'
  | 'release'
  | 'version'
  | 'public'
  | 'input'
  | 'output'
  | 'rootId';

export const TIMED_FIELDS: readonly TimedField[] = [
  'name',
  'userId',
  'sessionId',
  'release',
  'version',
  'public',
  'input',
  'output',
  'rootId',
];

/** A payload: its text, or the observation that has it. No payload is stored twice. */
export type TracePayload = { text: string } | { of: string };

export interface TraceState {
  id: string;
  /** Time in milliseconds of the event that set the field. No time: not given. */
  times: Partial<Record<TimedField, number>>;
  name: string | null;
  userId: string | null;
  sessionId: string | null;
  release: string | null;
  version: string | null;
  public: 0 | 1 | null;
  input: TracePayload | null;
  output: TracePayload | null;
  /** The latest observation without a parent. */
  rootId: string | null;
  /** Sorted, without duplicates. */
  tags: string[] | null;
  metadata: Metadata | null;
  metadataTimes: Record<string, number>;
  /** Keys whose value is a string for the server: replaced as a whole, never merged. */
  metadataTexts: Record<string, boolean>;
  /** The first event sets environment and start. */
  environment: string | null;
  ownStartUs: Micros | null;
  /** The end of tailrace's trace record; the last one that arrived. */
  ownEndUs: Micros | null;
  hasRecord: boolean;
  /** Time of an event that only says that the trace exists. */
  shallowMs: number | null;
  /** Time of the earliest event of one request that says more; it sets the environment. */
  eventMs: number | null;
  arrived: ArrivedFields | null;
  /** When the trace was imported. Its row keeps the times of the server that exported it. */
  importedUs?: Micros | undefined;
}

/** Fields as Langfuse 4 has them; null: no span has it. */
export interface ArrivedFields {
  name: string | null;
  /** Used as the name if no span has one. */
  rootName: string | null;
  userId: string | null;
  sessionId: string | null;
  release: string | null;
  version: string | null;
  tags: string[] | null;
  public: 0 | 1;
}

/** Folds the states of one request to one per trace. */
export function* foldTraces(states: readonly TraceState[]): Steps<TraceState[]> {
  const folded = new Map<string, TraceState>();
  for (const state of states) {
    const known = folded.get(state.id);
    if (known === undefined) folded.set(state.id, state);
    else foldTrace(known, state);
    yield;
  }
  return [...folded.values()];
}

export function emptyState(id: string): TraceState {
  return {
    id,
    times: {},
    name: null,
    userId: null,
    sessionId: null,
    release: null,
    version: null,
    public: null,
    input: null,
    output: null,
    rootId: null,
    tags: null,
    metadata: null,
    metadataTimes: {},
    metadataTexts: {},
    environment: null,
    ownStartUs: null,
    ownEndUs: null,
    hasRecord: false,
    shallowMs: null,
    eventMs: null,
    arrived: null,
  };
}

/** Sets the metadata of one event. */
export function setMetadata(
  state: TraceState,
  metadata: Metadata | null,
  timeMs: number,
  texts: ReadonlyMap<string, unknown> = new Map(),
): void {
  state.metadata = metadata;
  for (const key of Object.keys(metadata ?? {})) {
    define(state.metadataTimes, key, timeMs);
    if (texts.has(key)) define(state.metadataTexts, key, true);
  }
}

/** Like `mergeTrace` for events of one request, which the server sorts: fields that never change are those of the earliest. */
function foldTrace(state: TraceState, later: TraceState): void {
  const time = later.eventMs;
  if (time !== null && (state.eventMs === null || time <= state.eventMs)) {
    state.eventMs = time;
    state.environment = later.environment;
    state.ownStartUs = later.ownStartUs ?? state.ownStartUs;
  }
  mergeTrace(state, later);
}

export function setField<F extends TimedField>(
  state: TraceState,
  field: F,
  value: TraceState[F],
  timeMs: number,
): void {
  state[field] = value;
  state.times[field] = timeMs;
}

/** Merges `later`, which arrived after `state`. */
export function mergeTrace(state: TraceState, later: TraceState): void {
  for (const field of TIMED_FIELDS) {
    const time = later.times[field];
    if (time === undefined || time <= (state.times[field] ?? Number.NEGATIVE_INFINITY)) continue;
    (state as unknown as Record<TimedField, unknown>)[field] = later[field];
    state.times[field] = time;
  }
  if (later.tags !== null && later.tags.length > 0) state.tags = unitedTags(state.tags, later.tags);
  if (later.metadata !== null) mergeMetadata(state, later.metadata, later);
  state.environment ??= later.environment;
  state.ownStartUs ??= later.ownStartUs;
  state.ownEndUs = later.ownEndUs ?? state.ownEndUs;
  state.hasRecord ||= later.hasRecord;
  state.shallowMs ??= later.shallowMs;
  state.importedUs = later.importedUs ?? state.importedUs;
  if (later.arrived !== null) mergeArrived(state, later.arrived);
}

function unitedTags(before: string[] | null, later: string[]): string[] {
  const united = new Set([...(before ?? []), ...later]);
  return before !== null && united.size === before.length ? before : [...united].sort();
}

/** Each top-level key has a time of its own; nested values are merged. In place: an event may have 100,000 keys. */
function mergeMetadata(
  state: TraceState,
  later: Metadata,
  { metadataTimes, metadataTexts }: Pick<TraceState, 'metadataTimes' | 'metadataTexts'>,
): void {
  const metadata = state.metadata ?? {};
  for (const [key, value] of Object.entries(later)) {
    const time = metadataTimes[key] as number;
    const isText = metadataTexts[key] === true;
    const isKnown = Object.hasOwn(metadata, key);
    const isNewer = !isKnown || time > (state.metadataTimes[key] as number);
    const isWhole = !isKnown || isText || state.metadataTexts[key] === true;
    if (isNewer) {
      define(metadata, key, isWhole ? value : mergedValue(metadata[key], value));
      define(state.metadataTimes, key, time);
      define(state.metadataTexts, key, isText);
    } else if (!isWhole) define(metadata, key, mergeBelow(value, metadata[key]));
  }
  state.metadata = metadata;
}

function mergeArrived(state: TraceState, later: ArrivedFields): void {
  if (state.arrived === null) {
    state.arrived = later;
    return;
  }
  const { arrived } = state;
  arrived.name = later.name || arrived.name;
  arrived.rootName = later.rootName || arrived.rootName;
  arrived.userId = later.userId || arrived.userId;
  arrived.sessionId = later.sessionId || arrived.sessionId;
  arrived.release = later.release || arrived.release;
  arrived.version = later.version || arrived.version;
  if (later.tags !== null && later.tags.length > 0) arrived.tags = later.tags;
  if (later.public === 1) arrived.public = 1;
}

/** The fields that Langfuse 4 shows differently. */
export function differingFields(state: TraceState): string[] {
  const { arrived } = state;
  if (arrived === null) return [];
  const differs = {
    name: (arrived.name || arrived.rootName || null) !== (state.name || null),
    userId: (arrived.userId || null) !== (state.userId || null),
    sessionId: (arrived.sessionId || null) !== (state.sessionId || null),
    version: (arrived.version || null) !== (state.version || null),
    release: (arrived.release || null) !== (state.release || null),
    tags:
      arrived.tags !== state.tags && !isDeepStrictEqual([...(arrived.tags ?? [])].sort(), state.tags ?? []),
    public: arrived.public !== (state.public ?? 0),
  };
  return Object.entries(differs).flatMap(([field, isDifferent]) => (isDifferent ? [field] : []));
}
