/** The commands of a forwarder to Redis. */
import { connect, type RedisArguments } from '../../exporters/redis/client.js';
import { readFault, replyCode } from '../../exporters/redis/faults.js';
import { hostOf } from '../../exporters/streams/address.js';
import type { TlsIdentity } from '../../shared/contract/exporter.js';
import type { RedisTarget } from '../../shared/contract/redis-options.js';
import { createLink } from '../link.js';

export interface RedisLink {
  readonly url: string;
  /** Rejects with a `SourceFault`, or a `MissingGroup`. Commands of one turn of the event loop share a write. */
  send(key: string, ...args: RedisArguments): Promise<unknown>;
  close(): void;
}

/** The stream or its consumer group is gone, say after FLUSHALL. */
export class MissingGroup extends Error {}

export function createRedisLink(target: RedisTarget, tls: TlsIdentity | undefined): RedisLink {
  const called = hostOf(target);
  const { ask, close } = createLink({
    connect: () => connect(target, tls, 'bytes'),
    readFault: (error) => readFault(error, called),
    special: (error) => (replyCode(error) === 'NOGROUP' ? new MissingGroup() : undefined),
  });
  return {
    url: `${target.isTls ? 'rediss' : 'redis'}://${called}`,
    send: (key, ...args) => ask((connection) => connection.send(key, args)),
    close,
  };
}
