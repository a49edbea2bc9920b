/** Resolves OTLP endpoints as a destination of spans. */
import type { OtlpExporterOptions, OtlpProtocol } from '../../shared/contract/otlp-options.js';
import type { EngineInput } from '../options/engine.js';
import { otelVariable, readCompression, readOtelTimeout } from '../otel-variables.js';
import { readOtlpServers } from '../otlp-servers.js';
import { checkChoice, choicesOf, readOptionalSecondsAsMs } from '../readers.js';
import { find, type Settings } from '../settings.js';
import { defaultNumber } from '../table/table.js';

/** Where a destination sends to, as options of its engine. */
export type Endpoint = Pick<EngineInput, 'exporter' | 'compression' | 'sideLaneBytes'> & {
  readonly requestTimeoutMs: number;
};

/** Undefined: the address cannot be used, or a header that identifies the sender. */
export function readOtlpEndpoint(settings: Settings): Endpoint | undefined {
  const servers = readOtlpServers(settings, 'no span is exported to it');
  if (servers === undefined) return undefined;
  const options: OtlpExporterOptions = { ...servers, protocol: readProtocol(settings) };
  return {
    exporter: { url: 'otlp', options },
    compression: readCompression(settings),
    requestTimeoutMs:
      readOptionalSecondsAsMs(settings, 'timeout') ??
      readOtelTimeout(settings) ??
      defaultNumber('engine', 'requestTimeoutMs'),
  };
}

function readProtocol(settings: Settings): OtlpProtocol {
  const found = find(settings, 'protocol') ?? otelVariable(settings, 'protocol');
  return checkChoice(settings, found, choicesOf<OtlpProtocol>(settings, 'protocol'));
}
