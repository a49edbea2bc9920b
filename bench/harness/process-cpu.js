/** CPU time of another process, all of its threads that are alive. Only Linux tells it. */
import { readdirSync, readFileSync } from 'node:fs';

/** @returns {number} microseconds; finer than the ticks of /proc/PID/stat */
export function processCpuMicros(pid) {
  const folder = `/proc/${pid}/task`;
  const nanos = readdirSync(folder).map((thread) =>
    Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[0]),
  );
  return nanos.reduce((sum, one) => sum + one, 0) / 1000;
}
