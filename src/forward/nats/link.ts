/** The requests of a forwarder to NATS. */
import { connect, type NatsConnection } from '../../exporters/nats/client.js';
import {
  hasNoResponder,
  isConsumerMissing,
  isStreamMissing,
  readFault,
} from '../../exporters/nats/faults.js';
import { hostOf } from '../../exporters/streams/address.js';
import type { TlsIdentity } from '../../shared/contract/exporter.js';
import type { NatsServer } from '../../shared/contract/nats-options.js';
import { SourceFault } from '../contract.js';
import { createLink, type Link } from '../link.js';

export interface NatsLink extends Link<NatsConnection> {
  readonly url: string;
}

/** The stream or the consumer is not there (any more). */
export class Missing extends SourceFault {}

/** `ask` rejects with a `SourceFault`. */
export function createNatsLink(server: NatsServer, tls: TlsIdentity | undefined): NatsLink {
  const called = hostOf(server);
  const link = createLink({
    connect: () => connect(server, tls),
    readFault: (error) => readFault(error, called),
    special: (error) =>
      hasNoResponder(error) || isStreamMissing(error) || isConsumerMissing(error)
        ? new Missing(`nats ${called} has no such stream or consumer (any more)`, false)
        : undefined,
  });
  return { ...link, url: `${server.isTls ? 'tls' : 'nats'}://${called}` };
}
