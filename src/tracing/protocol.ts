/** The option `protocol`: how observations go to the server. */
import { show } from '../shared/options.js';
import type { Protocol } from '../shared/records.js';

const PROTOCOLS: readonly Protocol[] = ['otel', 'ingestion'];

export function resolveProtocol(value: unknown, problems: string[]): Protocol {
  if (value === undefined) return 'otel';
  const protocol = PROTOCOLS.find((one) => one === value);
  if (protocol !== undefined) return protocol;
  problems.push(
    `option protocol must be one of ${PROTOCOLS.join(', ')}, but got: ${show(value)}; using otel`,
  );
  return 'otel';
}
