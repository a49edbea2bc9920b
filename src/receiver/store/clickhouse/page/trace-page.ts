/** The page of a trace: its row, the outline of its observations, and payloads. */

import type {
  CutPayload,
  CutPayloads,
  ObservationDetails,
  OutlineRow,
  PayloadDigest,
  TracePageReader,
} from '../../contract/page.js';
import type { Row } from '../connection/connection.js';
import { ClickhouseProblem } from '../connection/problems.js';
import { integer, raw, sql, text } from '../connection/sql.js';
import { listedTraces } from '../lists/listed.js';
import { entryValue, metadataJson } from '../metadata-text.js';
import { estimateOf } from '../read/observation-rows.js';
import { countOf, detailsText, mapOf, nameOf, numberOf, textOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import {
  HAS_ESTIMATED_COST,
  HAS_ESTIMATED_TOKENS,
  microsSql,
  nullableMicrosSql,
  totalSql,
} from '../tables.js';
import { BY_KEY } from '../write/load.js';

const MAX_STATUS_CHARS = 300;

/** The column has no null: a classic event that gave no level says so in its orders. */
const GIVEN_LEVEL = `if(o.orders <> '' AND NOT JSONHas(o.orders, 'columns', 'level'), NULL, o.level)`;

const OUTLINE_COLUMNS = `o.id AS id, o.parent_id AS parent_id, o.type AS type, ${GIVEN_LEVEL} AS level, ${microsSql('o.start_time')} AS start_us,
  ${nullableMicrosSql('o.end_time')} AS end_us, ${microsSql('o.created_at')} AS created_us, ${totalSql('usage')} AS tokens,
  ${totalSql('cost')} AS cost, ${HAS_ESTIMATED_TOKENS} + 2 * ${HAS_ESTIMATED_COST} AS estimated, o.name AS name, o.model AS model,
  substringUTF8(o.status_message, 1, ${MAX_STATUS_CHARS}) AS status`;

const DETAIL_COLUMNS = `o.status_message AS status_message, o.version AS version, o.environment AS environment,
  ${microsSql('o.start_time')} AS start_us, ${nullableMicrosSql('o.completion_start_time')} AS completion_start_us,
  o.model_parameters AS model_parameters, o.usage_details AS usage_details, o.cost_details AS cost_details,
  o.estimate AS estimate, o.prompt_name AS prompt_name, o.prompt_version AS prompt_version, o.metadata AS metadata`;

export function tracePageReader(reading: Reading): TracePageReader {
  const { connection, tables } = reading;
  const observations = sql`FROM ${tables.observations} AS o FINAL`;
  const rowsByKey = (query: ReturnType<typeof sql>, maxMs?: number, signal?: AbortSignal) =>
    connection.rows(query, {
      settings: BY_KEY,
      ...(maxMs !== undefined && { maxMs }),
      ...(signal !== undefined && { signal }),
    });

  return {
    async row(id) {
      const [row] = await listedTraces(reading, [id]);
      return row;
    },
    async outline(traceId, limit) {
      const rows = await rowsByKey(
        sql`SELECT * FROM (SELECT ${raw(OUTLINE_COLUMNS)}, o.event_ts AS version ${observations} WHERE o.trace_id = ${text(traceId)}
          ORDER BY o.created_at, o.event_ts LIMIT ${integer(limit)}) ORDER BY start_us, created_us, version`,
      );
      return rows.map(outlineRow);
    },
    async payloads(traceId, maxChars) {
      const [row] = await connection.rows(
        sql`SELECT t.metadata AS metadata, ${cutColumns('t.input', 'input', maxChars)}, ${cutColumns('t.output', 'output', maxChars)}
          FROM ${tables.traces} AS t FINAL WHERE t.id = ${text(traceId)}`,
      );
      return row && cutPayloads(row, maxChars);
    },
    async observation(traceId, id, maxChars) {
      const [row] = await rowsByKey(
        sql`SELECT ${raw(DETAIL_COLUMNS)}, ${cutColumns('o.input', 'input', maxChars)}, ${cutColumns('o.output', 'output', maxChars)}
          ${observations} WHERE o.trace_id = ${text(traceId)} AND o.id = ${text(id)} LIMIT 1`,
      );
      return row && details(row, maxChars);
    },
    async spanParts(traceId, id) {
      const part = (name: string) => raw(`o.metadata['${name}'] AS ${name}`);
      const [row] = await rowsByKey(
        sql`SELECT ${part('events')}, ${part('links')}, ${part('scope')}, ${part('resourceAttributes')}
          ${observations} WHERE o.trace_id = ${text(traceId)} AND o.id = ${text(id)} LIMIT 1`,
      );
      return {
        events: entryJson(row?.events),
        links: entryJson(row?.links),
        scope: entryJson(row?.scope),
        resource: entryJson(row?.resourceAttributes),
      };
    },
    async search(traceId, wanted, { maxMs, signal }) {
      const bound = text(wanted);
      const has = (column: string) => sql`positionCaseInsensitive(ifNull(${raw(column)}, ''), ${bound}) > 0`;
      const inMetadata = sql`arrayExists(value -> positionCaseInsensitive(value, ${bound}) > 0, arrayConcat(mapKeys(o.metadata), mapValues(o.metadata)))`;
      try {
        const rows = await rowsByKey(
          sql`SELECT o.id AS id ${observations} WHERE o.trace_id = ${text(traceId)}
            AND (${has('o.input')} OR ${has('o.output')} OR ${inMetadata}) ORDER BY o.id`,
          maxMs,
          signal,
        );
        return { ids: rows.map(({ id }) => String(id)), isComplete: true };
      } catch (error) {
        const isOver = signal.aborted || (error instanceof ClickhouseProblem && error.isTooLong);
        if (isOver) return { ids: [], isComplete: false };
        throw error;
      }
    },
    async digests(traceId, maxMs) {
      const hash = (column: string, name: string) =>
        raw(`if(${column} IS NULL, NULL, hex(SHA256(assumeNotNull(${column})))) AS ${name}`);
      const [trace] = await connection.rows(
        sql`SELECT ${hash('t.input', 'input')}, ${hash('t.output', 'output')} FROM ${tables.traces} AS t FINAL WHERE t.id = ${text(traceId)}`,
      );
      if (trace === undefined) return undefined;
      const ofTrace = digest({ id: traceId, ...trace });
      const own = { input: ofTrace.input, output: ofTrace.output };
      try {
        const rows = await rowsByKey(
          sql`SELECT o.id AS id, ${hash('o.input', 'input')}, ${hash('o.output', 'output')} ${observations}
            WHERE o.trace_id = ${text(traceId)} ORDER BY o.id`,
          maxMs,
        );
        return { trace: own, observations: rows.map(digest), isComplete: true };
      } catch (error) {
        if (!(error instanceof ClickhouseProblem && error.isTooLong)) throw error;
        return { trace: own, observations: [], isComplete: false };
      }
    },
  };
}

function outlineRow(row: Row): OutlineRow {
  return [
    String(row.id),
    textOf(row.parent_id),
    String(row.type),
    textOf(row.level),
    numberOf(row.start_us),
    numberOf(row.end_us),
    countOf(row.created_us),
    numberOf(row.tokens),
    numberOf(row.cost),
    countOf(row.estimated),
    nameOf(row.name),
    textOf(row.model),
    textOf(row.status),
  ];
}

const cutColumns = (column: string, name: string, maxChars: number) =>
  sql`substringUTF8(${raw(column)}, 1, ${integer(maxChars)}) AS ${raw(name)}, lengthUTF8(${raw(column)}) AS ${raw(`${name}_length`)}`;

function cutPayloads(row: Row, maxChars: number): CutPayloads {
  const cut = (name: string): CutPayload | null => {
    const start = textOf(row[name]);
    return start === null ? null : { text: start, length: countOf(row[`${name}_length`]) };
  };
  const metadata = metadataJson(mapOf<string>(row.metadata));
  return {
    input: cut('input'),
    output: cut('output'),
    metadata: metadata === null ? null : { text: metadata.slice(0, maxChars), length: metadata.length },
  };
}

function details(row: Row, maxChars: number): ObservationDetails {
  const metadata = metadataJson(mapOf<string>(row.metadata));
  return {
    ...cutPayloads(row, maxChars),
    statusMessage: textOf(row.status_message),
    version: textOf(row.version),
    environment: textOf(row.environment),
    startUs: numberOf(row.start_us),
    completionStartUs: numberOf(row.completion_start_us),
    modelParameters: textOf(row.model_parameters),
    usageDetails: detailsText(row.usage_details),
    costDetails: detailsText(row.cost_details),
    estimate: estimateOf(row, metadata),
    promptName: textOf(row.prompt_name),
    promptVersion: numberOf(row.prompt_version),
  };
}

/** An entry of metadata as JSON; null: there is none. */
function entryJson(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? JSON.stringify(entryValue(value)) : null;
}

/** Short, as only equality counts: 60 bits of a hash that nobody can aim at. */
function digest(row: Row): PayloadDigest {
  const short = (hex: unknown) =>
    typeof hex === 'string' ? Buffer.from(hex, 'hex').toString('base64url').slice(0, 10) : null;
  return { id: String(row.id), input: short(row.input), output: short(row.output) };
}
