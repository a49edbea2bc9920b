/**
 * The worker's code as a text, available from the start. It replaces `worker-text-later` in the build for bundlers, as a process
 * that ends in its first turn has no time to load the text.
 */
import { WORKER_TEXT } from './worker-text.js';

export async function loadWorkerText(): Promise<void> {}

export function workerText(): string {
  return WORKER_TEXT;
}
