/** Reads the page of a trace: its observations as light rows, and payloads, each when it is opened. */

import { inSlices, nextTurn, runSlice, SLICE_MS } from '../../../slices.js';
import type { ObservationDetails, TracePageReader } from '../../contract/page.js';
import { OBSERVATION_TEXTS } from '../payload-sql.js';
import { PAYLOADS, TRACES_WITH_ROOT } from '../read/bounded-rows.js';
import { numberOf, textOf } from '../read/stored-rows.js';
import { likePattern } from '../search/search.js';
import { bindable, type Database, type SqlRow } from '../sqlite.js';
import { listedTraceOf } from './list-reader.js';
import { outlineSteps } from './outline.js';
import { cutPayload, payloadColumns } from './payload-cuts.js';
import { digestSteps } from './payload-digests.js';
import { readSpanParts } from './span-parts.js';
import { findInPayloads } from './trace-search.js';

const DETAIL_COLUMNS = `o.status_message, o.version, o.environment, o.start_us, o.completion_start_us, o.model_parameters,
  o.usage_details, o.cost_details, o.estimate, o.prompt_name, o.prompt_version`;

export function tracePageReader(database: Database): TracePageReader {
  return {
    async row(id) {
      return listedTraceOf(database, id);
    },
    outline: (traceId, limit) => inSlices(outlineSteps(database, traceId, limit)),
    async payloads(traceId, maxChars) {
      const columns = PAYLOADS.flatMap((field) => {
        const own = payloadColumns(`t.${field}`, field, maxChars);
        return field === 'metadata' ? own : [own, payloadColumns(`r.${field}`, `root_${field}`, maxChars)];
      });
      const row = database
        .prepare(`SELECT ${columns.join(', ')} FROM ${TRACES_WITH_ROOT} WHERE t.id = ?`)
        .get(bindable(traceId));
      if (row === undefined) return undefined;
      const ofEither = (field: string) => cutPayload(row, field) ?? cutPayload(row, `root_${field}`);
      return { input: ofEither('input'), output: ofEither('output'), metadata: cutPayload(row, 'metadata') };
    },
    async observation(traceId, id, maxChars) {
      const payloads = PAYLOADS.map((field) => payloadColumns(`o.${field}`, field, maxChars)).join(', ');
      const row = database
        .prepare(
          `SELECT ${DETAIL_COLUMNS}, ${payloads} FROM ${OBSERVATION_TEXTS} AS o WHERE o.trace_id = ? AND o.id = ?`,
        )
        .get(bindable(traceId), bindable(id));
      return row && observationDetails(row);
    },
    async spanParts(traceId, id) {
      return readSpanParts(database, traceId, id);
    },
    async search(traceId, text, { maxMs, signal }) {
      const ids: string[] = [];
      const steps = findInPayloads(database, traceId, likePattern(text), ids);
      const endsAtMs = performance.now() + maxMs;
      let isComplete = false;
      while (!isComplete && performance.now() < endsAtMs && !signal.aborted) {
        isComplete = runSlice(steps, performance.now() + SLICE_MS) !== undefined;
        if (!isComplete) await nextTurn();
      }
      return { ids, isComplete };
    },
    digests: (traceId, maxMs) => inSlices(digestSteps(database, traceId, maxMs)),
  };
}

function observationDetails(row: SqlRow): ObservationDetails {
  return {
    input: cutPayload(row, 'input'),
    output: cutPayload(row, 'output'),
    metadata: cutPayload(row, 'metadata'),
    statusMessage: textOf(row.status_message),
    version: textOf(row.version),
    environment: textOf(row.environment),
    startUs: numberOf(row.start_us),
    completionStartUs: numberOf(row.completion_start_us),
    modelParameters: textOf(row.model_parameters),
    usageDetails: textOf(row.usage_details),
    costDetails: textOf(row.cost_details),
    estimate: textOf(row.estimate),
    promptName: textOf(row.prompt_name),
    promptVersion: numberOf(row.prompt_version),
  };
}
