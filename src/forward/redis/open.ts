/** Opens a source of Redis, with the certificates that its options name. */
import { readTlsIdentity } from '../../exporters/connection-options.js';
import type { Source } from '../contract.js';
import { createRedisSource, type RedisSourceOptions } from './source.js';

export function openRedisSource(options: Omit<RedisSourceOptions, 'tls'>): Source {
  const { redis, sayOnce } = options;
  return createRedisSource({
    ...options,
    tls: redis.tls && readTlsIdentity(redis.tls, { warning: sayOnce }),
  });
}
