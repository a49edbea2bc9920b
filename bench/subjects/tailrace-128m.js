/** Ours with a ring that holds the burst of 100,000. */
import { DIST, loadTailrace } from './tailrace-client.js';

export const subject = {
  label: 'tailrace, ringBytes 128 MiB',
  kind: 'ours',
  file: DIST,
  delivers: true,
  load: () => loadTailrace({ compression: 'none', ringBytes: 128 * 1024 * 1024 }),
};
