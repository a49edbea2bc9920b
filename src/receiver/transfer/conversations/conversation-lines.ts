/** An export as conversations, one a line: of each trace the messages of its last generation, its metadata and its scores. */

import { parseIfJson } from '../../json-text.js';
import type { ExportRows } from '../../store/export-rows.js';
import type { SqlRow } from '../../store/sqlite.js';
import type { ExportTally } from '../export/tally.js';
import { type ChatMessage, conversationOf } from './chat-messages.js';

export function* conversationLines(rows: ExportRows, tally: ExportTally): Generator<string, void, void> {
  for (const trace of rows.traces()) {
    const id = String(trace.id);
    const chat = yield* lastChat(rows.observations(id));
    if (chat === undefined) {
      tally.leaveOut(`trace ${id}, which has no chat`);
      yield '';
      continue;
    }
    const scores = rows.scores(id).filter(({ observation_id }) => observation_id === null);
    const line = {
      id,
      model: chat.model ?? undefined,
      messages: chat.messages,
      metadata: typeof trace.metadata === 'string' ? JSON.parse(trace.metadata) : undefined,
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
function* lastChat(observations: Iterable<SqlRow>): Generator<string, Chat | undefined, void> {
  let last: Chat | undefined;
  for (const row of observations) {
    yield '';
    const startUs = Number(row.start_us ?? 0);
    if (row.type !== 'GENERATION' || (last !== undefined && startUs < last.startUs)) continue;
    const messages = conversationOf(jsonValueOf(row.input), jsonValueOf(row.output));
    if (messages !== null) last = { messages, model: row.model as string | null, startUs };
  }
  return last;
}

function jsonValueOf(text: unknown): unknown {
  return typeof text === 'string' ? parseIfJson(text) : null;
}

function scoreOf(row: SqlRow) {
  const value = row.data_type === 'BOOLEAN' ? row.value === 1 : (row.string_value ?? row.value);
  return { name: row.name, value, ...(row.comment !== null && { comment: row.comment }) };
}
