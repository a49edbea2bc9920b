/** Requests whose bodies or answers are streams: of any length, and as slow as their reader. */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { printableName } from '../../shared/untrusted-text/printable.js';
import type { ServerAccess } from '../server-access.js';

interface StreamRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Resolves to the head of an answer with 200; its body is still to be read. Rejects with the server's message otherwise. */
export async function openStream(
  { url, authorization, kind }: Pick<ServerAccess, 'url' | 'authorization' | 'kind'>,
  path: string,
  { method = 'GET', headers = {}, body, signal }: StreamRequest = {},
): Promise<IncomingMessage> {
  if (kind === 'langfuse') {
    throw new Error(`${url} is a Langfuse server: this command needs the local server of tailrace`);
  }
  const target = new URL(url + path);
  const send = target.protocol === 'https:' ? requestHttps : requestHttp;
  const request = send(target, { method, headers: { ...headers, authorization }, ...(signal && { signal }) });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
  // A server that refuses answers before it has read all: then the answer counts, not the broken pipe.
  const sent = body === undefined ? request.end() && undefined : pipeline(body, request);
  sent?.catch(() => {});
  const response = await answered.catch((error: Error) => {
    throw signal?.aborted ? error : new Error(`the server at ${url} does not answer: ${error.message}`);
  });
  if (response.statusCode === 200) return response;
  throw new RefusedError(response.statusCode ?? 0, await messageOf(response));
}

export class RefusedError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(`the server refuses this (HTTP ${status}): ${message}`);
    this.status = status;
  }
}

/** @throws RefusedError */
export async function getData<T>(access: ServerAccess, path: string, signal?: AbortSignal): Promise<T> {
  const response = await openStream(access, path, { signal });
  return JSON.parse(await textOf(response)) as T;
}

export async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function messageOf(response: IncomingMessage): Promise<string> {
  const text = await textOf(response);
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return printableName(String(message), 500);
  } catch {
    return 'it gives no reason';
  }
}
