/** Opens a source of NATS, with the certificates that its options name. */
import { readTlsIdentity } from '../../exporters/connection-options.js';
import type { Source } from '../contract.js';
import { createNatsSource, type NatsSourceOptions } from './source.js';

export function openNatsSource(options: Omit<NatsSourceOptions, 'tls'>): Source {
  const { nats, sayOnce } = options;
  return createNatsSource({
    ...options,
    tls: nats.tls && readTlsIdentity(nats.tls, { warning: sayOnce }),
  });
}
