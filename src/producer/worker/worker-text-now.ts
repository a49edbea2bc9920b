/**
 * The worker's text, there from the start: takes the place of `worker-text-later` in the build for bundlers. A process that
 * ends in its first turn has no time to load it.
 */
import { WORKER_TEXT } from './worker-text.js';

export async function loadWorkerText(): Promise<void> {}

export function workerText(): string {
  return WORKER_TEXT;
}
