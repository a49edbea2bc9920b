/** An observation as it is merged before it is written: the fields of a row, and how they came about. */

import { complain, type Finding } from '../../../../ingest/findings.js';
import type { Level, Micros, ObservationRow, ObservationType } from '../../../../ingest/rows.js';
import { rootSpanId } from '../../../../records/trace.js';
import type { Details } from '../../../../usage/details.js';
import type { ObservationChange } from '../../changes.js';
import type { StoredEstimate } from '../../contract/rows.js';
import { beats, mergedMetadata, ORDERED_FIELDS, type Orders, ordersIn } from '../../event-orders.js';
import type { Row } from '../connection/connection.js';
import { metadataJson, metadataMap } from '../metadata-text.js';
import { countOf, detailsText, mapOf, nameOf, numberOf, textOf, textsOf } from '../read/row-values.js';
import { microsSql, nullableMicrosSql } from '../tables.js';
import { timeText, timeTextOrNull } from '../times.js';
import type { TraceLabels } from './labels.js';

export interface WrittenObservation {
  row: ObservationRow & { traceId: string };
  /** Of classic events; null: of a span. */
  orders: Orders | null;
  /** Fields that a span sent again has lost, which Langfuse 3 keeps. */
  lost: string[];
  createdUs: Micros;
  updatedUs: Micros;
  /** When the stored row was written; 0: there is none. */
  versionUs: Micros;
  /** The start of the stored row: its day is part of the key. Undefined: there is none. */
  storedStartUs: Micros | undefined;
  estimate: StoredEstimate | null;
}

/** What `observationOfRow` reads of a table `o`. */
export const READ_COLUMNS = `o.trace_id AS trace_id, o.id AS id, o.parent_id AS parent_id, o.type AS type, o.level AS level,
  ${microsSql('o.start_time')} AS start_us, ${nullableMicrosSql('o.end_time')} AS end_us,
  ${nullableMicrosSql('o.completion_start_time')} AS completion_start_us, o.name AS name,
  o.status_message AS status_message, o.version AS version, o.environment AS environment, o.model AS model,
  o.model_parameters AS model_parameters, o.usage_details AS usage_details, o.cost_details AS cost_details,
  o.prompt_name AS prompt_name, o.prompt_version AS prompt_version, o.metadata AS metadata, o.input AS input,
  o.output AS output, o.estimate AS estimate, o.orders AS orders, o.lost AS lost,
  ${microsSql('o.created_at')} AS created_us, ${microsSql('o.updated_at')} AS updated_us,
  ${microsSql('o.event_ts')} AS version_us`;

export function observationOfRow(row: Row): WrittenObservation {
  const startUs = countOf(row.start_us);
  const text = nameOf(row.orders);
  const orders = text === null ? null : ordersIn(text);
  // The column has no null: a classic event that gave no level says so in its orders.
  const hasLevel = orders === null || orders.columns.level !== undefined;
  return {
    row: {
      id: String(row.id),
      traceId: String(row.trace_id),
      parentId: textOf(row.parent_id),
      type: String(row.type) as ObservationType,
      level: hasLevel ? (String(row.level) as Level) : null,
      startUs,
      endUs: numberOf(row.end_us),
      totalTokens: null,
      totalCost: null,
      name: nameOf(row.name),
      completionStartUs: numberOf(row.completion_start_us),
      statusMessage: textOf(row.status_message),
      version: textOf(row.version),
      environment: textOf(row.environment),
      model: textOf(row.model),
      modelParameters: textOf(row.model_parameters),
      usageDetails: detailsText(row.usage_details),
      costDetails: detailsText(row.cost_details),
      promptName: textOf(row.prompt_name),
      promptVersion: numberOf(row.prompt_version),
      metadata: metadataJson(mapOf<string>(row.metadata)),
      input: textOf(row.input),
      output: textOf(row.output),
    },
    orders,
    lost: textsOf(row.lost),
    createdUs: countOf(row.created_us),
    updatedUs: countOf(row.updated_us),
    versionUs: countOf(row.version_us),
    storedStartUs: startUs,
    estimate: null,
  };
}

/** The columns of an insert, in the names of the table. */
export function observationValues(
  { row, orders, lost, createdUs, updatedUs, estimate }: WrittenObservation,
  trace: TraceLabels,
  versionUs: Micros,
): Record<string, unknown> {
  const startUs = row.startUs ?? row.endUs ?? createdUs;
  return {
    trace_id: row.traceId,
    id: row.id,
    // The span of the trace's record is the trace itself.
    parent_id: row.parentId === rootSpanId(row.traceId) ? null : row.parentId,
    type: row.type,
    name: row.name ?? '',
    start_time: timeText(startUs),
    end_time: timeTextOrNull(row.endUs),
    completion_start_time: timeTextOrNull(row.completionStartUs),
    level: row.level ?? 'DEFAULT',
    status_message: row.statusMessage,
    model: row.model,
    model_parameters: row.modelParameters,
    usage_details: countsOf(row.usageDetails),
    cost_details: costsOf(row.costDetails),
    prompt_name: row.promptName,
    prompt_version: row.promptVersion,
    input: row.input,
    output: row.output,
    metadata: metadataMap(row.metadata),
    ...trace,
    version: row.version,
    environment: row.environment ?? 'default',
    event_ts: timeText(versionUs),
    created_at: timeText(createdUs),
    updated_at: timeText(updatedUs),
    estimated_usage: countsOfDetails(estimate?.usageDetails),
    estimated_cost: costsOfDetails(estimate?.costDetails),
    estimate: estimate === null ? '' : JSON.stringify(estimate),
    orders: orders === null ? '' : JSON.stringify(orders),
    lost,
  };
}

function countsOf(json: string | null): Record<string, number> {
  return countsOfDetails(json === null ? undefined : (JSON.parse(json) as Details));
}

/** Larger integers are written with an exponent, which is no integer to the server. */
function countsOfDetails(details: Details | undefined): Record<string, number> {
  const entries = Object.entries(details ?? {}).map(([key, value]) => {
    return [key, Math.min(Math.max(Math.round(value), 0), Number.MAX_SAFE_INTEGER)];
  });
  return Object.fromEntries(entries);
}

const costsOf = (json: string | null) =>
  costsOfDetails(json === null ? undefined : (JSON.parse(json) as Details));
const costsOfDetails = (details: Details | undefined): Record<string, number> => ({ ...details });

/** Set by the first event only, as on the server. */
const IMMUTABLE = new Set(['start_us', 'environment']);

const MERGED = ORDERED_FIELDS.filter(([, field]) => field !== 'metadata');

type Merge = Extract<ObservationChange, { mode: 'merge' }>;

/** A classic event: of each field the value of the event that stands. */
export function mergeEvent(
  stored: WrittenObservation | undefined,
  { row, order, nulls }: Merge,
  traceId: string,
  nowUs: Micros,
  findings: Finding[],
): WrittenObservation {
  if (stored === undefined) {
    const orders: Orders = { columns: {}, metadata: {} };
    for (const [column, field] of ORDERED_FIELDS) {
      if (row[field] !== null || nulls.includes(field)) orders.columns[column] = order;
    }
    mergedMetadata(null, row.metadata, order, orders);
    return { ...created({ ...row, traceId }, nowUs), orders };
  }
  const orders = stored.orders ?? { columns: {}, metadata: {} };
  const merged = { ...stored.row };
  const isOver = beats(order, orders.columns.type);
  if (isOver && merged.type !== 'SPAN' && row.type === 'SPAN' && order % 2 === 1) {
    complain(
      { traceId, observationId: row.id, findings },
      'type-overwritten',
      'type',
      `must be span, but was ${merged.type}: a span-update makes a span of it`,
    );
  }
  for (const [column, field] of MERGED) {
    const isSaid = row[field] !== null || nulls.includes(field);
    const known = orders.columns[column];
    const stands = IMMUTABLE.has(column) ? known === undefined || order < known : beats(order, known);
    if (!isSaid || !stands) continue;
    orders.columns[column] = order;
    (merged as Record<string, unknown>)[field] = row[field];
  }
  merged.metadata = mergedMetadata(merged.metadata, row.metadata, order, orders) ?? merged.metadata;
  // Only after a create: an update without a start uses its own time.
  const isCreated = (orders.columns.start_us ?? 1) % 2 === 0;
  if (isCreated && merged.endUs !== null && merged.startUs !== null && merged.endUs < merged.startUs) {
    merged.endUs = merged.startUs;
  }
  return { ...stored, row: merged, orders, updatedUs: nowUs, estimate: null };
}

/** A span replaces the stored row. */
export function replaceSpan(
  stored: WrittenObservation | undefined,
  row: ObservationRow,
  traceId: string,
  nowUs: Micros,
): WrittenObservation {
  const written = created({ ...row, traceId }, nowUs);
  if (stored === undefined) return written;
  const { createdUs, versionUs, storedStartUs } = stored;
  return { ...written, createdUs, versionUs, storedStartUs, lost: lostFields(stored, row) };
}

/** Langfuse 3 keeps values of an earlier version of the span for these (its IngestionService/utils.ts, overwriteObject). */
const KEPT_FIELDS: readonly (readonly [keyof ObservationRow, string])[] = [
  ['parentId', 'parentObservationId'],
  ['statusMessage', 'statusMessage'],
  ['version', 'version'],
  ['model', 'model'],
  ['completionStartUs', 'completionStartTime'],
  ['usageDetails', 'usageDetails'],
  ['costDetails', 'costDetails'],
  ['promptName', 'prompt'],
  ['input', 'input'],
  ['output', 'output'],
];

function lostFields({ row: before, lost: known }: WrittenObservation, after: ObservationRow): string[] {
  const lost = KEPT_FIELDS.filter(
    ([field, name]) => after[field] === null && (before[field] !== null || known.includes(name)),
  ).map(([, name]) => name);
  const ms = (us: Micros | null) => Math.floor((us ?? 0) / 1000);
  if (known.includes('startTime') || ms(before.startUs) !== ms(after.startUs)) lost.push('startTime');
  if (known.includes('metadata') || losesKeys(before.metadata, after.metadata)) lost.push('metadata');
  return lost;
}

function losesKeys(before: string | null, after: string | null): boolean {
  if (before === null || before === after) return false;
  const kept = (after === null ? {} : JSON.parse(after)) as object;
  return !Object.keys(JSON.parse(before) as object).every((key) => Object.hasOwn(kept, key));
}

function created(row: WrittenObservation['row'], nowUs: Micros): WrittenObservation {
  return {
    row,
    orders: null,
    lost: [],
    createdUs: nowUs,
    updatedUs: nowUs,
    versionUs: 0,
    storedStartUs: undefined,
    estimate: null,
  };
}
