/** Asks the server for JSON, and sends it changes. */

export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @throws ApiError with the server's message, or with status 0 if the server cannot be reached. */
export function getJson<T>(path: string, query = '', signal?: AbortSignal): Promise<T> {
  return ask(`${path}${query === '' ? '' : `?${query}`}`, signal === undefined ? {} : { signal });
}

/** @throws ApiError as `getJson` does. */
export function sendJson<T>(method: 'POST' | 'DELETE', path: string, body?: object): Promise<T> {
  const content =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return ask(path, { method, ...content });
}

/** The browser reads the file as it is sent. @throws ApiError as `getJson` does. */
export function sendFile<T>(path: string, file: File): Promise<T> {
  return ask(path, { method: 'POST', body: file });
}

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/tailrace/${path}`, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, 'The server does not answer. Is it still running?');
  }
  const body = (await response.json()) as { message?: string };
  if (!response.ok) throw new ApiError(response.status, body.message ?? `HTTP ${response.status}`);
  return body as T;
}

/** False: the address is wrong, and so the same request would have the same answer. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status < 400 || error.status === 429 || error.status >= 500;
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}
