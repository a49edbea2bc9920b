/** Ours as it comes: gzip, in the worker. */
import { DIST, loadTailrace } from './tailrace-client.js';

export const subject = {
  label: 'tailrace, gzip (its default)',
  kind: 'ours',
  file: DIST,
  delivers: true,
  load: () => loadTailrace({ compression: 'gzip' }),
};
