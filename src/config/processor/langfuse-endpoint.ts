/** Resolves a Langfuse server as a destination of spans: its OTLP endpoint, with the project's keys. */
import type { EngineOptions } from '../../shared/contract/engine-options.js';
import type { OtlpExporterOptions } from '../../shared/contract/otlp-options.js';
import { VERSION } from '../../shared/version.js';
import { resolveBaseUrl, resolveKeys } from '../connection.js';
import { type HeaderFaults, resolveHeaders } from '../headers.js';
import { readTls, secretsOf } from '../otlp-servers.js';
import { sideLaneBytesFor } from '../payload-options.js';
import { readFlag, readNumber, readOptionalSecondsAsMs } from '../readers.js';
import { guarded, type Settings } from '../settings.js';
import { defaultNumber } from '../table/table.js';
import { resolveUploadHosts } from '../upload-hosts.js';
import type { Endpoint } from './otlp-endpoint.js';

const TRACES_PATH = '/api/public/otel/v1/traces';

/** Undefined: keys are missing, or keys, address or a header cannot be used, so there is nowhere to send a span. */
export function readLangfuseEndpoint(settings: Settings): Endpoint | undefined {
  const keys = resolveKeys(settings);
  const address = guarded(settings, 'baseUrl', resolveBaseUrl);
  if ('fault' in address) settings.faults.push(`${address.fault}; no span is exported to it`);
  if ('missing' in keys) {
    settings.problems.push(`${keys.missing}, and no endpoint: no span is exported`);
    return undefined;
  }
  if ('fault' in keys) settings.faults.push(`${keys.fault}; no span is exported to it`);
  const headerFaults: HeaderFaults = new Map();
  const headers = readHeaders(settings, headerFaults);
  for (const fault of headerFaults.values()) settings.faults.push(`${fault}; no span is exported to it`);
  if ('fault' in address || 'fault' in keys || headerFaults.size > 0) return undefined;
  const { baseUrl } = address;
  const { publicKey, secretKey } = keys;
  const maxEventBytes = readNumber(settings, 'maxEventBytes');
  const credentials = Buffer.from(`${publicKey}:${secretKey}`).toString('base64');
  const options: OtlpExporterOptions = {
    url: baseUrl + TRACES_PATH,
    headers: {
      ...headers,
      authorization: `Basic ${credentials}`,
      'x-langfuse-sdk-name': 'tailrace',
      'x-langfuse-sdk-version': VERSION,
      'x-langfuse-public-key': publicKey,
      // Finished spans, no updates. Above 4 is refused.
      'x-langfuse-ingestion-version': '4',
    },
    secrets: [secretKey, credentials, ...secretsOf(headers)],
    tls: readTls(settings),
    langfuse: {
      baseUrl,
      publicKey,
      mediaUpload: readFlag(settings, 'mediaUploadEnabled'),
      allowedUploadHosts: guarded(settings, 'allowedUploadHosts', ({ given, problems }) =>
        resolveUploadHosts(given.allowedUploadHosts, problems),
      ),
      maxEventBytes,
    },
  };
  return {
    exporter: { url: 'otlp', options },
    compression: settings.given.compression as EngineOptions['compression'] | undefined,
    sideLaneBytes: (settings.given.sideLaneBytes as number | undefined) ?? sideLaneBytesFor(maxEventBytes),
    requestTimeoutMs:
      readOptionalSecondsAsMs(settings, 'timeout') ?? defaultNumber('processor', 'timeout') * 1000,
  };
}

function readHeaders(settings: Settings, faults: HeaderFaults): Record<string, string> {
  const headers = (['headers', 'additionalHeaders'] as const).flatMap((option) =>
    Object.entries(
      guarded(settings, option, ({ given, problems }) =>
        resolveHeaders(given[option], problems, `option ${option}`, faults),
      ) ?? {},
    ),
  );
  return Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
}
