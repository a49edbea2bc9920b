/** The connection of a forwarder to Redis: opened on use, dropped when it is broken or silent. It tries nothing again by itself. */
import { connect, type RedisArguments, type RedisConnection } from '../../exporters/redis/client.js';
import { isMoved, isReply, outcomeOfFault } from '../../exporters/redis/faults.js';
import type { TlsIdentity } from '../../shared/contract/exporter.js';
import type { RedisTarget } from '../../shared/contract/redis-options.js';
import { clearTimeout, setTimeout } from '../../shared/runtime/real-time.js';
import { SourceFault } from '../contract.js';

/** A server that answers no command for so long is gone, or stopped. */
const COMMAND_TIMEOUT_MS = 10_000;

export interface RedisLink {
  readonly url: string;
  /** Rejects with a `SourceFault`, or a `MissingGroup`. Commands of one turn of the event loop share a write. */
  send(key: string, ...args: RedisArguments): Promise<unknown>;
  close(): void;
}

/** The stream or its consumer group is gone, say after FLUSHALL. */
export class MissingGroup extends Error {}

class Silence extends Error {
  readonly code = 'ETIMEDOUT';
}

export function createRedisLink(target: RedisTarget, tls: TlsIdentity | undefined): RedisLink {
  const { host, port } = target.addresses[0] as RedisTarget['addresses'][number];
  const called = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  let connection: Promise<RedisConnection> | undefined;

  function drop(broken: Promise<RedisConnection> | undefined): void {
    if (broken === undefined || connection !== broken) return;
    connection = undefined;
    broken.then(
      (one) => one.destroy(),
      () => {},
    );
  }

  return {
    url: `${target.isTls ? 'rediss' : 'redis'}://${called}`,
    async send(key, ...args) {
      connection ??= connect(target, tls, 'bytes');
      const used = connection;
      try {
        return await inTime(used.then((one) => one.send(key, args)));
      } catch (error) {
        if (isReply(error) && /^NOGROUP/.test((error as Error).message)) throw new MissingGroup();
        if (!isReply(error) || isMoved(error)) drop(used);
        const { reason, misconfigured = false } = outcomeOfFault(error, called);
        throw new SourceFault(reason, misconfigured);
      }
    },
    close: () => drop(connection),
  };
}

function inTime<T>(reply: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Silence()), COMMAND_TIMEOUT_MS);
    timer.unref();
  });
  return Promise.race([reply, silence]).finally(() => clearTimeout(timer));
}
