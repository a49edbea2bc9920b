/** CPU time of the main thread alone. Only Linux tells it; elsewhere it is left out of the results. */
import { readFileSync } from 'node:fs';

/** @returns {number | undefined} nanoseconds that the main thread has been on a CPU */
export function mainThreadCpuNanos() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]);
  } catch {
    return undefined;
  }
}
