/**
 * A trace as it is merged before it is written. The row has what is shown: name, input and output of the root where the trace has none of
 * its own, and the earliest start. The column `state` has how that came about, so that later events merge as they would have at once.
 */

import type { Metadata } from '../../../../ingest/merge.js';
import type { Micros } from '../../../../ingest/rows.js';
import {
  differingFields,
  emptyState,
  mergeTrace,
  type TracePayload,
  type TraceState,
} from '../../../../ingest/trace-state.js';
import type { StoredState } from '../../contract/rows.js';
import type { Row } from '../connection/connection.js';
import { metadataJson, metadataMap } from '../metadata-text.js';
import { countOf, flagOf, mapOf, nameOf, numberOf, textOf, textsOf } from '../read/row-values.js';
import { microsSql, nullableMicrosSql } from '../tables.js';
import { timeText, timeTextOrNull } from '../times.js';
import type { TraceLabels } from './labels.js';
import type { WrittenObservation } from './observation.js';

/** The JSON of the column `state`. */
export interface KeptState extends StoredState {
  ownName: string | null;
  ownStartUs: Micros | null;
  /** Whether the row's input and output are the trace's own, not those of its root. */
  hasInput: boolean;
  hasOutput: boolean;
  /** Whether the row's timestamp is one of an event. */
  isDated: boolean;
}

export interface WrittenTrace {
  state: TraceState;
  shown: { name: string | null; input: string | null; output: string | null; startUs: Micros };
  isDated: boolean;
  createdUs: Micros;
  updatedUs: Micros;
  versionUs: Micros;
}

/** What `traceOfRow` reads of a table `t`. */
export const READ_COLUMNS = `t.id AS id, ${microsSql('t.timestamp')} AS timestamp_us, ${nullableMicrosSql('t.end_time')} AS end_us,
  t.name AS name, t.user_id AS user_id, t.session_id AS session_id, t.tags AS tags, t.release AS release,
  t.version AS version, t.environment AS environment, t.public AS public, t.input AS input, t.output AS output,
  t.metadata AS metadata, t.root_id AS root_id, t.state AS state, ${microsSql('t.created_at')} AS created_us,
  ${microsSql('t.updated_at')} AS updated_us, ${microsSql('t.event_ts')} AS version_us`;

/** Stands for a text that is in the row. */
const STORED: TracePayload = { text: '' };

export function traceOfRow(row: Row): WrittenTrace {
  const id = String(row.id);
  const startUs = countOf(row.timestamp_us);
  const kept = nameOf(row.state) === null ? undefined : (JSON.parse(String(row.state)) as KeptState);
  const metadataText = metadataJson(mapOf<string>(row.metadata));
  const metadata = metadataText === null ? null : (JSON.parse(metadataText) as Metadata);
  const fields = {
    name: kept === undefined ? textOf(row.name) : kept.ownName,
    userId: textOf(row.user_id),
    sessionId: textOf(row.session_id),
    release: textOf(row.release),
    version: textOf(row.version),
    public: flagOf(row.public) ? (1 as const) : (0 as const),
  };
  const ownStartUs = kept === undefined ? startUs : kept.ownStartUs;
  const hasInput = kept?.hasInput ?? row.input !== null;
  const hasOutput = kept?.hasOutput ?? row.output !== null;
  const state: TraceState = {
    ...emptyState(id),
    ...fields,
    ...(kept === undefined ? foreignTimes(fields, metadata, startUs, hasInput, hasOutput) : keptTimes(kept)),
    rootId: textOf(row.root_id),
    tags: textsOf(row.tags),
    environment: textOf(row.environment),
    metadata,
    ownStartUs,
    ownEndUs: numberOf(row.end_us),
    input: hasInput ? STORED : ofRoot(kept?.inputOf),
    output: hasOutput ? STORED : ofRoot(kept?.outputOf),
  };
  return {
    state,
    shown: { name: textOf(row.name), input: textOf(row.input), output: textOf(row.output), startUs },
    isDated: kept?.isDated ?? true,
    createdUs: countOf(row.created_us),
    updatedUs: countOf(row.updated_us),
    versionUs: countOf(row.version_us),
  };
}

const ofRoot = (id: string | null | undefined): TracePayload | null => (id ? { of: id } : null);

function keptTimes({ times, metadataTimes, metadataTexts, hasRecord, arrived, importedUs }: KeptState) {
  return { times, metadataTimes, metadataTexts, hasRecord, arrived, importedUs };
}

/** A row of an exporter says nothing of its events: all are as old as its start. */
function foreignTimes(
  fields: Record<string, unknown>,
  metadata: Metadata | null,
  startUs: Micros,
  hasInput: boolean,
  hasOutput: boolean,
): Pick<TraceState, 'times' | 'metadataTimes'> {
  const ms = Math.floor(startUs / 1000);
  const known = Object.keys(fields).filter((field) => fields[field] !== null);
  const sides = [...(hasInput ? ['input'] : []), ...(hasOutput ? ['output'] : [])];
  return {
    times: Object.fromEntries([...known, ...sides].map((field) => [field, ms])),
    metadataTimes: Object.fromEntries(Object.keys(metadata ?? {}).map((key) => [key, ms])),
  };
}

/** `change`: undefined only creates the trace. */
export function mergedTrace(
  stored: WrittenTrace | undefined,
  id: string,
  change: TraceState | undefined,
  nowUs: Micros,
): WrittenTrace {
  const trace: WrittenTrace = stored ?? {
    state: emptyState(id),
    shown: { name: null, input: null, output: null, startUs: nowUs },
    isDated: false,
    createdUs: nowUs,
    updatedUs: nowUs,
    versionUs: 0,
  };
  if (change === undefined) return trace;
  const { state } = trace;
  mergeTrace(state, change);
  // An event that only says that the trace exists counts only if no other event says more: it also makes it not public.
  const { shallowMs, eventMs } = change;
  if (stored === undefined && shallowMs !== null && eventMs === null && state.times.public === undefined) {
    state.public = 0;
    state.times.public = shallowMs;
  }
  state.shallowMs = null;
  trace.updatedUs = nowUs;
  return trace;
}

/** The text of an observation's payload; undefined: it is not known here. */
export type FindObservation = (id: string) => WrittenObservation | undefined;

/** What the row shows, from the trace's own and the observations that are written with it. */
export function settleTrace(
  trace: WrittenTrace,
  observations: readonly WrittenObservation[],
  find: FindObservation,
): void {
  const { state, shown } = trace;
  const root = state.rootId === null ? undefined : find(state.rootId);
  shown.name = state.name ?? (root === undefined ? shown.name : root.row.name);
  for (const side of ['input', 'output'] as const) {
    const payload = state[side];
    if (payload === STORED) continue;
    if (payload !== null && 'text' in payload) shown[side] = payload.text;
    else if (payload !== null && payload.of !== state.rootId)
      shown[side] = find(payload.of)?.row[side] ?? shown[side];
    else if (root !== undefined) shown[side] = root.row[side];
  }
  const starts = [state.ownStartUs, ...observations.map(({ row }) => row.startUs)].filter(
    (us) => us !== null,
  );
  if (starts.length > 0) {
    shown.startUs = Math.min(
      ...(trace.isDated ? [shown.startUs] : []),
      starts.reduce((a, b) => Math.min(a, b)),
    );
    trace.isDated = true;
  }
}

/** Whether the trace shows a payload of its own. */
function isOwn(payload: TracePayload | null, rootId: string | null): boolean {
  return payload !== null && ('text' in payload || payload.of !== rootId);
}

export function labelsOf({ state, shown }: WrittenTrace): TraceLabels {
  return {
    user_id: state.userId,
    session_id: state.sessionId,
    tags: state.tags ?? [],
    release: state.release,
    trace_name: shown.name,
    trace_public: state.public === 1,
  };
}

export function traceValues(trace: WrittenTrace, versionUs: Micros): Record<string, unknown> {
  const { state, shown, isDated, createdUs, updatedUs } = trace;
  const of = (payload: TracePayload | null) => (payload !== null && 'of' in payload ? payload.of : null);
  const kept: KeptState = {
    ...keptTimes(state as unknown as KeptState),
    inputOf: of(state.input),
    outputOf: of(state.output),
    ownName: state.name,
    ownStartUs: state.ownStartUs,
    hasInput: isOwn(state.input, state.rootId),
    hasOutput: isOwn(state.output, state.rootId),
    isDated,
  };
  const { trace_name: name, trace_public: isPublic, ...labels } = labelsOf(trace);
  return {
    id: state.id,
    timestamp: timeText(shown.startUs),
    end_time: timeTextOrNull(state.ownEndUs),
    name,
    ...labels,
    version: state.version,
    environment: state.environment ?? 'default',
    public: isPublic,
    input: shown.input,
    output: shown.output,
    metadata: metadataMap(state.metadata === null ? null : JSON.stringify(state.metadata)),
    event_ts: timeText(versionUs),
    created_at: timeText(createdUs),
    updated_at: timeText(updatedUs),
    root_id: state.rootId,
    state: JSON.stringify(kept),
    differs: differingFields(state),
  };
}
