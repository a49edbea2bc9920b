/** `GET /api/tailrace/find-trace?text=`: the id of the trace that a text names, for the terminal. */

import { HttpError, type RouteContext } from '../http/requests.js';
import { one } from '../read/parameters.js';
import { sendData } from './answers.js';

const MAX_NAMED = 5;

export async function getFoundTrace(context: RouteContext): Promise<void> {
  const { traces } = context.store;
  const text = one(context.url.searchParams, 'text') ?? '';
  if (text === '') throw new HttpError(400, 'text must be an id, the beginning of one, last or last-error');
  const isId = (await traces.known([text])).has(text);
  const id = isId ? text : ((await newest()) ?? (await byPrefix()));
  await sendData(context, { id });

  async function newest(): Promise<string | undefined> {
    if (text !== 'last' && text !== 'last-error') return undefined;
    const found = await traces.last(text === 'last-error');
    if (found !== undefined) return found;
    throw new HttpError(404, text === 'last' ? 'there is no trace' : 'no trace has an error');
  }

  async function byPrefix(): Promise<string> {
    const found = await traces.withPrefix(text, MAX_NAMED + 1);
    const [first] = found;
    if (first === undefined)
      throw new HttpError(404, `there is no trace whose id begins with "${text.slice(0, 80)}"`);
    if (found.length === 1) return first;
    const named = found.slice(0, MAX_NAMED).join(', ');
    const others = found.length > MAX_NAMED ? ', …' : '';
    throw new HttpError(400, `several ids begin with "${text.slice(0, 80)}": ${named}${others}`);
  }
}
