/** What a person does to scores and comments: requests, each followed by a reading of the trace, and the last problem. */

import { signal } from '@preact/signals';
import type { NewComment, NewScore, ScoreName, ScoreView } from '../../data/feedback.js';
import { segmentOf } from '../../path-segments.js';
import { getJson, sendJson } from '../server/api.js';
import type { TraceState } from '../trace/trace-state.js';

/** Of the last request; null: it went well. */
export const problem = signal<string | null>(null);

/** The names that scores have; read when a form is opened. */
export const scoreNames = signal<readonly ScoreName[]>([]);

export async function loadScoreNames(): Promise<void> {
  scoreNames.value = await getJson<ScoreName[]>('score-names').catch(() => []);
}

/** The same name as in `tailrace/browser`'s examples. */
export const THUMBS = 'thumbs';

/** The id of the selected observation; null: the trace itself. */
export function targetOf(state: TraceState): string | null {
  return state.selectedRow.value < 0 ? null : state.selectedId.value;
}

/** The thumb that a person has given; undefined: none. */
export function thumbOf(state: TraceState, target: string | null): ScoreView | undefined {
  return state.detail.value?.scores.find(
    ({ name, dataType, source, observationId }) =>
      name === THUMBS && dataType === 'BOOLEAN' && source === 'ANNOTATION' && observationId === target,
  );
}

/** Gives a thumb, or takes back the same one. */
export function toggleThumb(state: TraceState, target: string | null, isUp: boolean): Promise<boolean> {
  const given = thumbOf(state, target);
  if (given !== undefined && (given.value === 'True') === isUp) return removeScore(state, given.id);
  return giveScore(state, {
    observationId: target,
    name: THUMBS,
    dataType: 'BOOLEAN',
    value: isUp ? 1 : 0,
    comment: given?.comment ?? null,
  });
}

export function giveScore(state: TraceState, score: NewScore): Promise<boolean> {
  return change(state, 'POST', 'scores', score);
}

export function removeScore(state: TraceState, id: string): Promise<boolean> {
  return change(state, 'DELETE', `scores/${segmentOf(id)}`);
}

export function giveComment(state: TraceState, comment: NewComment): Promise<boolean> {
  return change(state, 'POST', 'comments', comment);
}

export function removeComment(state: TraceState, id: string): Promise<boolean> {
  return change(state, 'DELETE', `comments/${segmentOf(id)}`);
}

/** Resolves to false if the server refuses. Other pages hear of it by the stream. */
async function change(
  state: TraceState,
  method: 'POST' | 'DELETE',
  path: string,
  body?: object,
): Promise<boolean> {
  try {
    await sendJson(method, `trace/${segmentOf(state.traceId)}/${path}`, body);
    problem.value = null;
    await state.load();
    return true;
  } catch (error) {
    problem.value = (error as Error).message;
    return false;
  }
}
