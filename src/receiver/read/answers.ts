/** Sends long lists: rows are serialised one by one, so that other requests are answered in between, and the size is bounded. */

import type { ServerResponse } from 'node:http';
import { HttpError, sendJsonText } from '../http/requests.js';
import { inSlices, type Steps } from '../slices.js';
import type { SqlRow } from '../store/sqlite.js';
import type { Paging } from './parameters.js';

/** Limit for the texts of one response. */
export const MAX_ANSWER_BYTES = 128 * 1024 * 1024;

export function answerTooLarge(): HttpError {
  return new HttpError(
    400,
    `the answer would hold more than ${MAX_ANSWER_BYTES} bytes: ask for less with limit, page or fields`,
  );
}

/** `{"data": […], "meta": {…}}` */
export async function sendList<T extends SqlRow>(
  response: ServerResponse,
  rows: readonly T[],
  shape: (row: T) => object,
  meta: object,
): Promise<void> {
  const data = await inSlices(written(rows, shape));
  sendTexts(response, `{"data":[`, data, `],"meta":${JSON.stringify(meta)}}`);
}

/** `{"data": […]}` */
export async function sendRows(response: ServerResponse, rows: readonly object[]): Promise<void> {
  sendTexts(response, '{"data":[', await inSlices(written(rows, (row) => row)), ']}');
}

export function sendPage<T extends SqlRow>(
  response: ServerResponse,
  { rows, totalItems }: { rows: readonly T[]; totalItems: number },
  shape: (row: T) => object,
  { page, limit }: Paging,
): Promise<void> {
  const meta = { page, limit, totalItems, totalPages: Math.ceil(totalItems / limit) };
  return sendList(response, rows, shape, meta);
}

/** Sends one object, which may have a long payload. */
export async function sendOne(response: ServerResponse, shape: () => object): Promise<void> {
  sendJsonText(response, 200, await inSlices(jsonText(shape)));
}

/** Sends an object with one long list of rows under `key`. */
export async function sendWithList(
  response: ServerResponse,
  shape: () => object,
  key: string,
  items: Steps<string[]>,
): Promise<void> {
  const text = await inSlices(jsonText(() => ({ ...shape(), [key]: undefined })));
  sendTexts(response, `${text.slice(0, -1)},${JSON.stringify(key)}:[`, await inSlices(items), ']}');
}

export function* written<T>(rows: Iterable<T>, shape: (row: T) => object): Steps<string[]> {
  const texts: string[] = [];
  let chars = 0;
  for (const row of rows) {
    const text = yield* jsonText(() => shape(row));
    chars += text.length;
    // One character of a payload may take six in JSON, and a string has at most 512 Mi characters.
    if (chars > 2 * MAX_ANSWER_BYTES) throw answerTooLarge();
    texts.push(text);
  }
  return texts;
}

/** A payload of 60 MiB takes 0.3 s to parse, and as long to write: others are answered between the two. */
function* jsonText(shape: () => object): Steps<string> {
  const object = shape();
  yield;
  const text = JSON.stringify(object);
  yield;
  return text;
}

function sendTexts(response: ServerResponse, start: string, items: string[], end: string): void {
  sendJsonText(response, 200, `${start}${items.join(',')}${end}`);
}
