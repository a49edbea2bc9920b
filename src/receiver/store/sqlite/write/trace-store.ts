/** Writes traces: merges the state of a request with the stored one, by the rules of trace-state.ts. */

import type { Metadata } from '../../../../ingest/merge.js';
import {
  differingFields,
  emptyState,
  mergeTrace,
  type TracePayload,
  type TraceState,
} from '../../../../ingest/trace-state.js';
import { rootSpanId } from '../../../../records/trace.js';
import type { StoredState } from '../../contract/rows.js';
import { bindable, type Database, type SqlRow, type SqlValue } from '../sqlite.js';
import type { PayloadWriter } from './payload-store.js';

interface TraceWriter {
  merge(change: TraceState, nowUs: number): void;
  /** Creates the row if it is missing. */
  touch(id: string, nowUs: number): void;
  /** The id of tailrace's trace record, if it has arrived: as a parent it means "no parent". */
  recordId(id: string): string | null;
  /** Clears the cache: a transaction has failed, or another process has written. */
  reset(): void;
}

/** A running program has few open traces at a time; a state takes some hundred bytes. */
const MAX_CACHED = 2000;
const MAX_CACHED_METADATA_CHARS = 4096;

interface Cached {
  state: TraceState;
  metadataText: string | null;
}

const COLUMNS = [
  'root_id',
  'own_start_us',
  'own_end_us',
  'name',
  'user_id',
  'session_id',
  'release',
  'version',
  'environment',
  'public',
  'tags',
  'state',
  'differs',
  'metadata',
] as const;

export function prepareTraces(database: Database, payloads: PayloadWriter): TraceWriter {
  const select = database.prepare(
    `SELECT ${COLUMNS.join(', ')}, input_payload IS NOT NULL AS has_input, output_payload IS NOT NULL AS has_output FROM traces WHERE id = ?`,
  );
  const insert = database.prepare(
    `INSERT INTO traces (id, ${COLUMNS.join(', ')}, created_us, updated_us)
     VALUES (?, ${COLUMNS.map(() => '?').join(', ')}, ?, ?)`,
  );
  const update = database.prepare(
    `UPDATE traces SET ${COLUMNS.map((column) => `${column} = ?`).join(', ')}, updated_us = ? WHERE id = ?`,
  );
  const setPayload = {
    input: database.prepare('UPDATE traces SET input_payload = ? WHERE id = ?'),
    output: database.prepare('UPDATE traces SET output_payload = ? WHERE id = ?'),
  };
  const copyPayload = {
    input: database.prepare(copySql('input')),
    output: database.prepare(copySql('output')),
  };
  const orphan = database.prepare(
    'UPDATE observations SET parent_id = NULL WHERE trace_id = ? AND parent_id = ?',
  );
  const cache = new Map<string, Cached>();

  function load(id: string): Cached | undefined {
    const cached = cache.get(id);
    if (cached !== undefined) return cached;
    const row = select.get(bindable(id));
    return row && { state: stateOfRow(id, row), metadataText: row.metadata as string | null };
  }

  function keep(id: string, entry: Cached): void {
    cache.delete(id);
    if ((entry.metadataText?.length ?? 0) > MAX_CACHED_METADATA_CHARS) return;
    if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value as string);
    // Payloads are in the row, not in the cache.
    for (const side of ['input', 'output'] as const) {
      if (entry.state[side] !== null && 'text' in entry.state[side]) entry.state[side] = STORED;
    }
    cache.set(id, entry);
  }

  function merge(change: TraceState, nowUs: number): void {
    const { id } = change;
    const found = load(id);
    const state = found?.state ?? emptyState(id);
    const hadRecord = state.hasRecord;
    mergeTrace(state, change);
    // An event that only says that the trace exists counts only if no other event says more.
    const { shallowMs, eventMs } = change;
    if (found === undefined && shallowMs !== null && eventMs === null) applyShallow(state, shallowMs);
    state.shallowMs = null;
    const metadataText =
      change.metadata === null ? (found?.metadataText ?? null) : JSON.stringify(state.metadata);
    const values = valuesOf(state, metadataText);
    if (found === undefined) insert.run(bindable(id), ...values, nowUs, nowUs);
    else if (Number(update.run(...values, nowUs, bindable(id)).changes) === 0) {
      // The trace has been deleted since it was cached.
      cache.delete(id);
      merge(change, nowUs);
      return;
    }
    writePayload('input', state);
    writePayload('output', state);
    if (state.hasRecord && !hadRecord) orphan.run(bindable(id), rootSpanId(id));
    keep(id, { state, metadataText });
  }

  /** The root's payload stays in its row; that of another observation is copied, as only the root is referenced. */
  function writePayload(side: 'input' | 'output', state: TraceState): void {
    const payload = state[side];
    if (payload === null || payload === STORED) return;
    const id = bindable(state.id);
    if ('text' in payload) setPayload[side].run(payloads.store(state.id, payload.text), id);
    else if (payload.of === state.rootId) setPayload[side].run(null, id);
    else copyPayload[side].run(id, bindable(payload.of), id);
  }

  return {
    merge,
    touch(id, nowUs) {
      // Not from the cache: the trace may have been deleted.
      if (select.get(bindable(id)) !== undefined) return;
      cache.delete(id);
      merge(emptyState(id), nowUs);
    },
    recordId: (id) => (load(id)?.state.hasRecord ? rootSpanId(id) : null),
    reset: () => cache.clear(),
  };
}

/** Placeholder for a text that is in the row. */
const STORED: TracePayload = { text: '' };

const copySql = (side: string) =>
  `UPDATE traces SET ${side}_payload = (SELECT ${side}_payload FROM observations WHERE trace_id = ? AND id = ?) WHERE id = ?`;

/** An event that only says that the trace exists also makes it not public. */
function applyShallow(state: TraceState, timeMs: number): void {
  if (state.times.public !== undefined) return;
  state.public = 0;
  state.times.public = timeMs;
}

function stateOfRow(id: string, row: SqlRow): TraceState {
  const { inputOf, outputOf, ...rest } = JSON.parse(String(row.state)) as StoredState;
  const text = (value: SqlValue | undefined) => (value ?? null) as string | null;
  const number = (value: SqlValue | undefined) => (value ?? null) as number | null;
  const payload = (of: string | null, has: SqlValue | undefined) =>
    of !== null ? { of } : has === 1 ? STORED : null;
  return {
    ...emptyState(id),
    ...rest,
    rootId: text(row.root_id),
    ownStartUs: number(row.own_start_us),
    ownEndUs: number(row.own_end_us),
    name: text(row.name),
    userId: text(row.user_id),
    sessionId: text(row.session_id),
    release: text(row.release),
    version: text(row.version),
    environment: text(row.environment),
    public: number(row.public) as 0 | 1 | null,
    tags: typeof row.tags === 'string' ? (JSON.parse(row.tags) as string[]) : null,
    metadata: typeof row.metadata === 'string' ? (JSON.parse(row.metadata) as Metadata) : null,
    input: payload(inputOf, row.has_input),
    output: payload(outputOf, row.has_output),
  };
}

/** In the order of `COLUMNS`. */
function valuesOf(state: TraceState, metadataText: string | null): SqlValue[] {
  const { times, metadataTimes, metadataTexts, hasRecord, arrived, importedUs } = state;
  const ofObservation = (payload: TracePayload | null) =>
    payload !== null && 'of' in payload ? payload.of : null;
  const storedState: StoredState = {
    times,
    metadataTimes,
    metadataTexts,
    hasRecord,
    arrived,
    importedUs,
    inputOf: ofObservation(state.input),
    outputOf: ofObservation(state.output),
  };
  const differs = differingFields(state);
  return [
    state.rootId,
    state.ownStartUs,
    state.ownEndUs,
    state.name,
    state.userId,
    state.sessionId,
    state.release,
    state.version,
    state.environment,
    state.public,
    state.tags && JSON.stringify(state.tags),
    JSON.stringify(storedState),
    differs.length === 0 ? null : JSON.stringify(differs),
    metadataText,
  ].map(bindable);
}
