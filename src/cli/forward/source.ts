/** Opens the source that the options name, if the package for it is there. */
import { isInstalled as isNatsInstalled, PACKAGES } from '../../exporters/nats/client.js';
import { isInstalled as isRedisInstalled, PACKAGE } from '../../exporters/redis/client.js';
import { notInstalled } from '../../exporters/streams/faults.js';
import type { Source } from '../../forward/contract.js';
import { openNatsSource } from '../../forward/nats/open.js';
import { openRedisSource } from '../../forward/redis/open.js';
import { howToGet } from '../missing-package.js';
import type { ForwardOptions } from './arguments.js';
import type { From } from './source-arguments.js';

/** `argv`: the whole command line. */
export function openSource(
  from: From,
  { group, claimAfterMs, maxDead }: ForwardOptions,
  argv: readonly string[],
  sayOnce: (topic: string, text: string) => void,
): Source {
  const options = { group, claimAfterMs, maxDead, sayOnce };
  if (from.kind === 'redis') {
    if (!isRedisInstalled()) throw missing([PACKAGE], argv);
    return openRedisSource({ ...options, redis: from.redis });
  }
  if (!isNatsInstalled()) throw missing(PACKAGES, argv);
  return openNatsSource({ ...options, nats: from.nats, stream: from.nats.stream });
}

function missing(packages: readonly string[], argv: readonly string[]): Error {
  return new Error(`${notInstalled(packages)}; run: ${howToGet(packages, argv)}`);
}
