/**
 * Counts what V8 says of its collections under `--trace-gc`: one line for each, of all threads of the process.
 *
 *   [4242:0x7f3a5c000cd0]     1204 ms: Mark-Compact 9.1 (11.6) -> 7.5 (12.1) MB, 2.5 / 0.0 ms ...
 */
import { createInterface } from 'node:readline';

/** @returns {{full: number}} `full`: collections of the whole heap so far */
export function countCollections(stdout) {
  const counts = { full: 0 };
  createInterface({ input: stdout }).on('line', (line) => {
    if (/ ms: Mark-Compact/.test(line)) counts.full++;
  });
  return counts;
}
