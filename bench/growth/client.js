/** The client of both cases, and what it lost. */
import { Tailrace } from '../../dist/esm/index.js';

export const openClient = (baseUrl) =>
  new Tailrace({ publicKey: 'pk-lf-bench', secretKey: 'sk-lf-bench', baseUrl, compression: 'none' });

/** Events that a client did not deliver, after a flush. */
export function lostBy(client) {
  const { pending, failed, dropped } = client.stats();
  return pending + failed + dropped.total;
}
