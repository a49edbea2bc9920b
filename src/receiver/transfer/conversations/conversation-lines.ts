/**
 * An export as conversations, one a line: of each trace the messages of its last generation, its metadata and its scores. Scores of
 * observations, comments and media are named as left out.
 */

import { parseIfJson } from '../../../ingest/json-text.js';
import type { PageFilter } from '../../store/contract/page.js';
import type { StoredObservation, StoredScore } from '../../store/contract/rows.js';
import type { ExportReader } from '../../store/contract/transfer.js';
import { eachOf } from '../export/each-of.js';
import type { ExportTally } from '../export/tally.js';
import { type ChatMessage, conversationOf } from './chat-messages.js';

export async function* conversationLines(
  rows: ExportReader,
  filter: PageFilter,
  tally: ExportTally,
): AsyncGenerator<string, void, undefined> {
  for await (const trace of eachOf(rows.traces(filter))) {
    const { id } = trace;
    const chat = yield* lastChat(eachOf(rows.observations(id)));
    if (chat === undefined) {
      tally.leaveOut(`trace ${id}, which has no chat`);
      yield '';
      continue;
    }
    const scores: StoredScore[] = [];
    for (const score of await rows.scores(id)) {
      if (score.observationId === null) scores.push(score);
      else tally.leaveOut(`score ${score.name} of observation ${score.observationId} in trace ${id}`);
    }
    for await (const comment of eachOf(rows.comments(id)))
      tally.leaveOut(`comment ${comment.id} of trace ${id}`);
    for (const media of await rows.media(id)) tally.leaveOut(`media ${media.id} of trace ${id}`);
    const line = {
      id,
      model: chat.model ?? undefined,
      messages: chat.messages,
      metadata: trace.metadata === null ? undefined : JSON.parse(trace.metadata),
      scores: scores.length === 0 ? undefined : scores.map(scoreOf),
    };
    tally.traces += 1;
    tally.scores += scores.length;
    yield `${JSON.stringify(line)}\n`;
  }
}

interface Chat {
  messages: ChatMessage[];
  model: string | null;
  startUs: number;
}

/** Of the generation that started last. Yields, as a trace may have 100,000. */
async function* lastChat(
  observations: AsyncIterable<StoredObservation>,
): AsyncGenerator<string, Chat | undefined, undefined> {
  let last: Chat | undefined;
  for await (const row of observations) {
    yield '';
    const startUs = row.startUs ?? 0;
    if (row.type !== 'GENERATION' || (last !== undefined && startUs < last.startUs)) continue;
    const messages = conversationOf(jsonValueOf(row.input), jsonValueOf(row.output));
    if (messages !== null) last = { messages, model: row.model, startUs };
  }
  return last;
}

function jsonValueOf(text: string | null): unknown {
  return text === null ? null : parseIfJson(text);
}

function scoreOf(row: StoredScore) {
  const value = row.dataType === 'BOOLEAN' ? row.value === 1 : (row.stringValue ?? row.value);
  return { name: row.name, value, ...(row.comment !== null && { comment: row.comment }) };
}
