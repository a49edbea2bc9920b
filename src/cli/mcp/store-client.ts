/** Asks the server for data. Opens it with the first request, and again if it has gone: `tailrace dev` may end and start meanwhile. */
import { printableName } from '../../shared/untrusted-text/printable.js';
import type { ServerAccess } from '../server-access.js';
import { type Answer, requestServer, type ServerRequest } from '../server-request.js';
import { ToolError } from './tool-error.js';

export type Query = readonly (readonly [name: string, value: string])[];

export interface StoreClient {
  /** @throws ToolError */
  get<T>(path: string, query: Query, signal: AbortSignal): Promise<T>;
  /** The body must hold an id of its own: it may be sent twice. @throws ToolError */
  post<T>(path: string, body: object, signal: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

/** The server bounds its search to 5 s; the rest is for a busy machine. */
const TIMEOUT_MS = 60_000;
/** A trace of 100,000 observations takes 20 MB, an observation with three payloads of 16 Mi characters more. */
const MAX_ANSWER_BYTES = 160 * 1024 * 1024;
const MAX_MESSAGE_CHARS = 500;

export function createStoreClient(open: () => Promise<ServerAccess>): StoreClient {
  let opened: Promise<ServerAccess> | undefined;

  async function access(): Promise<ServerAccess> {
    opened ??= open();
    const opening = opened;
    try {
      const found = await opening;
      if (found.kind === 'tailrace') return found;
      throw new Error(
        `${found.place} is a Langfuse server, which lacks what this command asks for: Langfuse has an MCP server of its own`,
      );
    } catch (error) {
      // The next request tries again: the folder or the server may be there by then.
      if (opened === opening) opened = undefined;
      throw new ToolError((error as Error).message);
    }
  }

  async function leave(left: ServerAccess): Promise<void> {
    opened = undefined;
    await left.close();
  }

  async function ask<T>(path: string, request: Partial<ServerRequest>): Promise<T> {
    const first = await access();
    let answer = await send(first, path, request);
    if (answer.kind === 'none' && answer.isGone && request.signal?.aborted !== true) {
      await leave(first);
      answer = await send(await access(), path, request);
    }
    return dataOf<T>(answer);
  }

  return {
    get: (path, query, signal) => ask(query.length === 0 ? path : `${path}?${queryText(query)}`, { signal }),
    post: (path, body, signal) => ask(path, { method: 'POST', body, signal }),
    async close() {
      const current = opened;
      opened = undefined;
      // If it could not be opened, there is nothing to close.
      await current?.then(
        (found) => found.close(),
        () => {},
      );
    },
  };
}

function send(
  { url, authorization }: ServerAccess,
  path: string,
  request: Partial<ServerRequest>,
): Promise<Answer> {
  const bounds = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES };
  return requestServer(`${url}${path}`, { authorization, ...bounds, ...request });
}

function queryText(query: Query): string {
  return new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString();
}

function dataOf<T>(answer: Answer): T {
  if (answer.kind === 'none')
    throw new ToolError(`the server of the traces gives no answer: ${answer.problem}`);
  const value = parsed(answer.text);
  if (answer.status === 200 && value !== undefined) return value as T;
  const { message } = (value ?? {}) as { message?: unknown };
  const said = typeof message === 'string' ? printableName(message, MAX_MESSAGE_CHARS) : 'no message';
  throw new ToolError(
    answer.status < 500 ? said : `the server of the traces failed (HTTP ${answer.status}): ${said}`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
