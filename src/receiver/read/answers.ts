/** Sends long lists: rows are serialised one by one, so that other requests are answered in between, and the size is bounded. */

import type { ServerResponse } from 'node:http';
import { sendJsonText } from '../http/requests.js';
import { inSlices, type Steps } from '../slices.js';
import type { Paging } from '../store/contract/rows.js';
import { AnswerTooLarge, MAX_ANSWER_BYTES } from '../store/contract.js';

/** `{"data": […], "meta": {…}}` */
export async function sendList<T>(
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

export function sendPage<T>(
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
  items: readonly string[],
): Promise<void> {
  const text = await inSlices(jsonText(() => ({ ...shape(), [key]: undefined })));
  sendTexts(response, `${text.slice(0, -1)},${JSON.stringify(key)}:[`, items, ']}');
}

export function* written<T>(rows: Iterable<T>, shape: (row: T) => object, before = 0): Steps<string[]> {
  const texts: string[] = [];
  let chars = before;
  for (const row of rows) {
    const text = yield* jsonText(() => shape(row));
    chars += text.length;
    // One character of a payload may take six in JSON, and a string has at most 512 Mi characters.
    if (chars > 2 * MAX_ANSWER_BYTES) throw new AnswerTooLarge();
    texts.push(text);
  }
  return texts;
}

/** The same for rows that come some at a time. */
export async function writtenInParts<T>(
  parts: AsyncIterable<readonly T[]>,
  shape: (row: T) => object,
): Promise<string[]> {
  const texts: string[] = [];
  let chars = 0;
  for await (const rows of parts) {
    for (const text of await inSlices(written(rows, shape, chars))) {
      chars += text.length;
      texts.push(text);
    }
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

function sendTexts(response: ServerResponse, start: string, items: readonly string[], end: string): void {
  sendJsonText(response, 200, `${start}${items.join(',')}${end}`);
}
