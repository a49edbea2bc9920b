/**
 * What is known of a trace, by the rules of both servers at once.
 *
 * Langfuse 3 merges the events of a trace in the order of their times: of a field the last value stands, and between
 * equal times the one that arrived first. Langfuse 4 takes from each span's row, by arrival, the last value that is
 * not empty. The first is what the tables show; of the second only the short fields are kept, to be compared.
 * Two states merge as their events would, so a request's spans are folded before the store is asked for anything.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Steps } from '../slices.js';
import { define, type Metadata, mergeBelow, mergedValue } from './merge.js';
import type { Micros } from './rows.js';

export type TimedField =
  | 'name'
  | 'userId'
  | 'sessionId'
  | 'release'
  | 'version'
  | 'public'
  | 'input'
  | 'output'
  | 'rootId';

const TIMED_FIELDS: readonly TimedField[] = [
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

/** A payload: its text, or the observation that it is the payload of. No payload is stored twice. */
export type TracePayload = { text: string } | { of: string };

export interface TraceState {
  id: string;
  /** Of the event, in milliseconds, by field; a field without a time has not been said. */
  times: Partial<Record<TimedField, number>>;
  name: string | null;
  userId: string | null;
  sessionId: string | null;
  release: string | null;
  version: string | null;
  public: 0 | 1 | null;
  input: TracePayload | null;
  output: TracePayload | null;
  /** The observation without a parent that has the latest time. */
  rootId: string | null;
  /** In order, each once. */
  tags: string[] | null;
  metadata: Metadata | null;
  metadataTimes: Record<string, number>;
  /** Keys whose value is text to the server: it replaces what is there, and is replaced, as a whole. */
  metadataTexts: Record<string, boolean>;
  /** These three stay as the first event has them. */
  environment: string | null;
  ownStartUs: Micros | null;
  /** The end of tailrace's trace record: the last that arrived. */
  ownEndUs: Micros | null;
  hasRecord: boolean;
  /** The time of an event that only says that there is such a trace. */
  shallowMs: number | null;
  /** Of the events of one request, that of the earliest that says more: the environment is its. */
  eventMs: number | null;
  arrived: ArrivedFields | null;
}

/** As Langfuse 4 has them; null: no span says it. */
export interface ArrivedFields {
  name: string | null;
  /** Stands for the name where no span says it. */
  rootName: string | null;
  userId: string | null;
  sessionId: string | null;
  release: string | null;
  version: string | null;
  tags: string[] | null;
  public: 0 | 1;
}

/** Those of one request, one for each trace. */
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

/** All of it is of one event. */
export function sayMetadata(
  state: TraceState,
  metadata: Metadata | null,
  timeMs: number,
  texts: ReadonlySet<string> = new Set(),
): void {
  state.metadata = metadata;
  for (const key of Object.keys(metadata ?? {})) {
    define(state.metadataTimes, key, timeMs);
    if (texts.has(key)) define(state.metadataTexts, key, true);
  }
}

/** The same as `mergeTrace` for two events of one request: the server sorts them, and what stays as it was is the earlier's. */
function foldTrace(state: TraceState, later: TraceState): void {
  const time = later.eventMs;
  if (time !== null && (state.eventMs === null || time <= state.eventMs)) {
    state.eventMs = time;
    state.environment = later.environment;
    state.ownStartUs = later.ownStartUs ?? state.ownStartUs;
  }
  mergeTrace(state, later);
}

export function say<F extends TimedField>(
  state: TraceState,
  field: F,
  value: TraceState[F],
  timeMs: number,
): void {
  state[field] = value;
  state.times[field] = timeMs;
}

/** `later` came after `state`. */
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
  if (later.arrived !== null) mergeArrived(state, later.arrived);
}

function unitedTags(before: string[] | null, later: string[]): string[] {
  const united = new Set([...(before ?? []), ...later]);
  return before !== null && united.size === before.length ? before : [...united].sort();
}

/** Each key at the top has a time of its own; what is below is joined. Not by a copy: an event may have 100,000 keys. */
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

/** The fields that a Langfuse 4 server shows otherwise. */
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
