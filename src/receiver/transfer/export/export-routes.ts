/**
 * `GET /api/tailrace/export`: traces as a stream. `format`, and the filters of the page's address; `id` may be repeated.
 * `GET /api/tailrace/export-state`: how far the export with the same `key` is.
 */

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  type ExportState,
  type ExportSummary,
} from '../../../viewer/data/transfer.js';
import { HttpError, type RouteContext } from '../../http/requests.js';
import { sendData } from '../../page-api/answers.js';
import { pageFilter } from '../../page-api/page-filter.js';
import { one, oneOf } from '../../read/parameters.js';
import { nextTurn, SLICE_MS } from '../../slices.js';
import type { PageFilter } from '../../store/contract/page.js';
import type { Store } from '../../store/contract.js';
import { conversationLines } from '../conversations/conversation-lines.js';
import { otlpLines } from '../otlp/otlp-lines.js';
import { replayLines } from '../replay/replay-lines.js';
import { exportState, keepExportState } from './export-states.js';
import { createTally, type ExportTally } from './tally.js';

const MAX_KEY_CHARS = 100;
/** A trailer with an `ExportSummary`. A stream that was cut has none. */
const SUMMARY_TRAILER = 'x-tailrace-summary';
const FILE_NAMES: Record<ExportFormat, string> = {
  replay: 'tailrace-replay.jsonl',
  otlp: 'tailrace-otlp.jsonl',
  conversations: 'tailrace-conversations.jsonl',
};

export async function getExport({ store, request, response, url }: RouteContext): Promise<void> {
  const format = oneOf(url.searchParams, 'format', EXPORT_FORMATS) ?? 'replay';
  const filter = pageFilter(url.searchParams);
  const tally = createTally();
  response.writeHead(200, {
    'content-type': 'application/x-ndjson; charset=utf-8',
    'content-disposition': `attachment; filename="${FILE_NAMES[format]}"`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    trailer: SUMMARY_TRAILER,
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  let phase: ExportState['phase'] = 'running';
  const key = one(url.searchParams, 'key');
  if (key !== null && key.length <= MAX_KEY_CHARS) {
    keepExportState(store, key, () => ({ phase, ...summaryOf(tally) }));
  }
  const texts = textsOf(format, store, filter, tally);
  try {
    const isSent = await sendAll(response, texts);
    phase = isSent ? 'done' : 'broken';
    if (!isSent) return;
  } catch {
    phase = 'broken';
    // The head has been sent: a connection that breaks says that the file is not whole.
    response.destroy();
    return;
  }
  response.addTrailers({ [SUMMARY_TRAILER]: encodeURIComponent(JSON.stringify(summaryOf(tally))) });
  response.end();
}

export async function getExportState(context: RouteContext): Promise<void> {
  const key = one(context.url.searchParams, 'key') ?? '';
  const state = exportState(context.store, key);
  if (state === undefined) throw new HttpError(404, 'no export with this key has begun');
  await sendData(context, state);
}

function textsOf(
  format: ExportFormat,
  store: Store,
  filter: PageFilter,
  tally: ExportTally,
): AsyncIterable<string> {
  if (format === 'otlp') return otlpLines(store.export, filter, tally);
  if (format === 'conversations') return conversationLines(store.export, filter, tally);
  return replayLines(store, filter, tally);
}

function summaryOf({
  traces,
  observations,
  scores,
  comments,
  media,
  leftOutCount,
  leftOut,
}: ExportTally): ExportSummary {
  return { traces, observations, scores, comments, media, leftOutCount, leftOut };
}

const CHUNK_CHARS = 64 * 1024;

/** As fast as the reader takes it, and in slices between other requests. False: the reader is gone. */
async function sendAll(response: ServerResponse, texts: AsyncIterable<string>): Promise<boolean> {
  let chunk = '';
  let endsAtMs = performance.now() + SLICE_MS;
  for await (const text of texts) {
    chunk += text;
    if (chunk.length >= CHUNK_CHARS) {
      const isTaken = response.write(chunk);
      chunk = '';
      if (!isTaken && !response.destroyed) await drained(response);
      if (response.destroyed) return false;
    }
    if (performance.now() < endsAtMs) continue;
    await nextTurn();
    endsAtMs = performance.now() + SLICE_MS;
  }
  if (chunk !== '') response.write(chunk);
  return !response.destroyed;
}

async function drained(response: ServerResponse): Promise<void> {
  const ended = new AbortController();
  const wait = (event: string) => once(response, event, { signal: ended.signal }).catch(() => {});
  await Promise.race([wait('drain'), wait('close')]);
  ended.abort();
}
