/** Makes targets, each with connections of its own. */
import { createHttpTransport } from '../../consumer/http/http-transport.js';
import { readTlsIdentity } from '../../exporters/connection-options.js';
import type { ClickhouseTarget } from '../../shared/contract/clickhouse-options.js';
import type { OtlpExporterOptions } from '../../shared/contract/otlp-options.js';
import type { Target } from '../contract.js';
import { createClickhouseTarget } from './clickhouse/target.js';
import { createLangfuseTarget, type LangfuseServer } from './langfuse.js';
import { createOtlpTarget, type OtherLanes } from './otlp.js';

interface Limits {
  readonly requestTimeoutMs: number;
  readonly maxInFlight: number;
  /** @default that of the environment */
  readonly proxy?: false;
}

type Warning = (topic: string, text: string) => void;

export function createLangfuse(server: LangfuseServer, limits: Limits, warning: Warning): Target {
  return createLangfuseTarget(server, createHttpTransport(limits), warning);
}

export function createOtlp(
  { url, headers = {}, secrets = [], tls }: OtlpExporterOptions,
  others: OtherLanes,
  limits: Limits,
  warning: Warning,
): Target {
  const identity = tls && readTlsIdentity(tls, { warning });
  return createOtlpTarget(
    { url, headers, secrets, tls: identity },
    others,
    createHttpTransport(limits),
    warning,
  );
}

export function createClickhouse(server: ClickhouseTarget, limits: Limits, warning: Warning): Target {
  return createClickhouseTarget(server, limits.maxInFlight, createHttpTransport(limits), warning);
}
