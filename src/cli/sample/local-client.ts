/** A client that traces into a receiver of this machine, whatever the environment variables say. */
import { Tailrace } from '../../index.js';
import type { KeyPair } from '../../receiver/http/keys.js';

/** A receiver of this machine takes any. */
export const ANY_KEYS: KeyPair = { publicKey: 'pk-lf-tailrace-demo', secretKey: 'sk-lf-tailrace-demo' };

export function createLocalClient(baseUrl: string, keys = ANY_KEYS): Tailrace {
  // Without a proxy, as the receiver is on this machine.
  return new Tailrace({ baseUrl, ...keys, environment: 'demo', enabled: true, sampleRate: 1, proxy: false });
}
