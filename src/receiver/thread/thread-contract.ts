/** The messages between receiver-thread.ts and receiver-worker.ts. */

export type ThreadMethod = 'counts' | 'usage' | 'complaints' | 'close';

/** From the worker: first `started` or `failed`, then an answer to each call; warnings at any time. */
export type ThreadMessage =
  | { kind: 'started'; url: string; port: number; instance: string }
  | { kind: 'failed'; message: string }
  | { kind: 'warning'; message: string }
  | { kind: 'answer'; call: number; value: unknown }
  | { kind: 'refusal'; call: number; message: string };

export interface ThreadCall {
  call: number;
  method: ThreadMethod;
}
