/** Ours, without compression: the peers send without it as well. */
import { DIST, loadTailrace } from './tailrace-client.js';

export const subject = {
  label: 'tailrace',
  kind: 'ours',
  file: DIST,
  delivers: true,
  load: () => loadTailrace({ compression: 'none' }),
};
