/** Ours as it sends to a server far away: gzip, in the worker. */
import { DIST, loadTailrace } from './tailrace-client.js';

export const subject = {
  label: 'tailrace, gzip (its default to a remote server)',
  kind: 'ours',
  file: DIST,
  delivers: true,
  load: () => loadTailrace({ compression: 'gzip' }),
};
