/** One HTTP request of a command to a server: bounded in time and size, and it follows no redirect, which could take the keys elsewhere. */
import { messageOf } from '../shared/untrusted-text/errors.js';

export interface ServerRequest {
  readonly method?: 'GET' | 'POST' | undefined;
  /** The header `Authorization`. */
  readonly authorization?: string | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly timeoutMs: number;
  /** Of the answer, decompressed. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

export type Answer =
  | { readonly kind: 'answer'; readonly status: number; readonly text: string }
  /** `problem`: why there is no answer, for people. `isGone`: no server listens there, or it closed the connection. */
  | { readonly kind: 'none'; readonly problem: string; readonly isGone: boolean };

export async function requestServer(url: string, request: ServerRequest): Promise<Answer> {
  const { method = 'GET', authorization, body, timeoutMs, maxBytes } = request;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  try {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      signal,
      headers: {
        accept: 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await readText(response, maxBytes);
    if (text !== undefined) return { kind: 'answer', status: response.status, text };
    return { kind: 'none', problem: `its answer has more than ${maxBytes} bytes`, isGone: false };
  } catch (error) {
    if (timeout.aborted) {
      return { kind: 'none', problem: `no answer within ${timeoutMs / 1_000} s`, isGone: false };
    }
    return noAnswer(error);
  }
}

/** Undefined: there is more than `maxBytes`. */
async function readText({ body }: Response, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const GONE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused: no program listens there',
  ECONNRESET: 'the connection was closed',
  EPIPE: 'the connection was closed',
  UND_ERR_SOCKET: 'the connection was closed',
};
const UNREACHABLE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name of the host is unknown',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  HPE_INVALID_CONSTANT: 'it does not speak HTTP',
};

/** `fetch` rejects with "fetch failed", and the reason is its cause. */
function noAnswer(error: unknown): Answer {
  const cause = (error as { cause?: unknown } | undefined)?.cause ?? error;
  const code = String((cause as NodeJS.ErrnoException | undefined)?.code ?? '');
  const gone = Object.hasOwn(GONE, code) ? GONE[code] : undefined;
  const problem = gone ?? (Object.hasOwn(UNREACHABLE, code) ? UNREACHABLE[code] : undefined);
  return { kind: 'none', problem: problem ?? messageOf(cause), isGone: gone !== undefined };
}
