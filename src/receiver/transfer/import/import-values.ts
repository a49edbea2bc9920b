/** Imports one JSON value of a file, by its content: a batch, an OTLP request, a conversation, or rows of Langfuse. */

import { isObject } from '../../../ingest/json-text.js';
import { decodeOtlpJson } from '../../../ingest/otlp/json-decoder.js';
import { OtlpError } from '../../../ingest/otlp/otlp-span.js';
import { mapSpans } from '../../../ingest/otlp/span-mapping.js';
import { foldTraces } from '../../../ingest/trace-state.js';
import { HttpError } from '../../http/requests.js';
import { inSlices } from '../../slices.js';
import { checkedConversation } from '../conversations/conversation.js';
import { conversationEvents } from '../conversations/conversation-events.js';
import { importBatch, importClassic, type ReplayMarks } from './import-events.js';
import type { ImportTarget } from './import-target.js';
import { contentOfRow, type RowContent } from './langfuse-rows.js';

type Json = Record<string, unknown>;

const ROWS_AT_A_TIME = 100;

/** `line`: where the value begins. What cannot be stored is refused, and does not stop the import. */
export async function importValue(
  value: unknown,
  line: number,
  target: ImportTarget,
  marks: ReplayMarks,
): Promise<void> {
  if (Array.isArray(value)) return importList(value, line, target, marks);
  if (!isObject(value)) return target.refuse(line, `it must be an object, but got ${typeof value}`);
  if (Array.isArray(value.batch)) {
    return importBatch(value as { batch: unknown[]; metadata?: unknown }, line, target, marks);
  }
  if (Array.isArray(value.resourceSpans)) return importOtlp(value, line, target);
  if (value.resourceMetrics !== undefined || value.resourceLogs !== undefined) {
    return target.refuse(line, 'metrics and logs of OpenTelemetry are not stored here');
  }
  if (typeof value.type === 'string' && isObject(value.body)) {
    return importBatch({ batch: [value] }, line, target, marks);
  }
  if (value.messages !== undefined) return importConversation(value, line, target);
  // A page of the API.
  if (Array.isArray(value.data)) return importList(value.data, line, target, marks);
  return importRows([value], line, target);
}

async function importList(
  list: unknown[],
  line: number,
  target: ImportTarget,
  marks: ReplayMarks,
): Promise<void> {
  // Rows of an API are stored together, and so are events without a batch around them.
  if (list.every(isEvent)) return importBatch({ batch: list }, line, target, marks);
  const ordered = inOrder(list);
  for (let start = 0; start < ordered.length; start += ROWS_AT_A_TIME) {
    const chunk = ordered.slice(start, start + ROWS_AT_A_TIME);
    if (chunk.every((one) => isObject(one) && !isContainer(one)))
      await importRows(chunk as Json[], line, target);
    else for (const one of chunk) await importValue(Array.isArray(one) ? null : one, line, target, marks);
  }
}

/**
 * By start and id. The server shows observations of the same start in the order of their arrival, and lists of Langfuse begin with the
 * newest: so a trace looks the same, whichever list it came from.
 */
function inOrder(list: readonly unknown[]): readonly unknown[] {
  const keyOf = (value: unknown) => {
    const { startTime, start_time: other, id } = isObject(value) ? value : ({} as Json);
    return { start: String(startTime ?? other ?? ''), id: String(id ?? '') };
  };
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return list
    .map((value) => ({ value, ...keyOf(value) }))
    .sort((a, b) => compare(a.start, b.start) || (a.start === '' ? 0 : compare(a.id, b.id)))
    .map(({ value }) => value);
}

function isEvent(value: unknown): boolean {
  return isObject(value) && typeof value.type === 'string' && isObject(value.body);
}

function isContainer(value: Json): boolean {
  return ['batch', 'resourceSpans', 'messages', 'data', 'body'].some((name) => value[name] !== undefined);
}

async function importRows(rows: readonly Json[], line: number, target: ImportTarget): Promise<void> {
  const contents: RowContent[] = [];
  for (const row of rows) {
    const found = contentOfRow(row);
    if (typeof found === 'string') target.refuse(line, found);
    else contents.push(found);
  }
  const events = contents.flatMap((one) => one.events);
  const sources = new Map(contents.flatMap((one) => [...one.sources]));
  for (let start = 0; start < events.length; start += ROWS_AT_A_TIME) {
    await importClassic(events.slice(start, start + ROWS_AT_A_TIME), line, target, sources);
  }
  const traces = contents.flatMap(({ trace }) => (trace === undefined ? [] : [trace]));
  if (traces.length > 0) {
    const folded = await inSlices(foldTraces(traces));
    await target.add({ traces: folded, observations: [], scores: [], findings: [] });
  }
  const comments = contents.flatMap((one) => one.comments);
  if (comments.length > 0) await target.addComments(comments, line);
}

async function importConversation(value: Json, line: number, target: ImportTarget): Promise<void> {
  const { conversation, problem } = checkedConversation(value);
  if (conversation === undefined) target.refuse(line, problem);
  else await importClassic(conversationEvents(conversation), line, target);
}

async function importOtlp(value: Json, line: number, target: ImportTarget): Promise<void> {
  try {
    const { changes, dropped } = await inSlices(mapSpans(await inSlices(decodeOtlpJson(value))));
    if (dropped > 0) target.refuse(line, `${dropped} spans that a Langfuse server would not store`);
    await target.add(changes);
  } catch (error) {
    if (!(error instanceof OtlpError) && !(error instanceof HttpError)) throw error;
    target.refuse(line, error.message);
  }
}
