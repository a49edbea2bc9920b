/** A Langfuse server as a place for spans: its OTLP endpoint, with the project's keys. */

import { DEFAULT_MAX_EVENT_BYTES } from '../shared/langfuse-options.js';
import type { OtlpExporterOptions } from '../shared/otlp-options.js';
import { resolveUploadHosts } from '../shared/upload-hosts.js';
import { VERSION } from '../shared/version.js';
import { resolveBaseUrl, resolveKeys } from '../tracing/connection.js';
import { type HeaderFaults, resolveHeaders } from '../tracing/headers.js';
import { MAX_EVENT_BYTES, sideLaneBytesFor } from '../tracing/payload-options.js';
import { guarded, readFlag, readNumber, readSeconds, type Settings } from '../tracing/settings.js';
import { type Place, readTls, secretsOf } from './otlp-place.js';
import { MAX_TIMEOUT_MS } from './queue-settings.js';

const TRACES_PATH = '/api/public/otel/v1/traces';
/** That of @langfuse/otel. */
const DEFAULT_TIMEOUT_MS = 5_000;

/** Undefined: without keys, or with an address that cannot be used, there is nowhere to send a span. */
export function readLangfusePlace(settings: Settings): Place | undefined {
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
  const maxEventBytes = readNumber(
    settings,
    'maxEventBytes',
    ['LANGFUSE_MAX_EVENT_SIZE_BYTES'],
    DEFAULT_MAX_EVENT_BYTES,
    MAX_EVENT_BYTES,
  );
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
    tls: readTls(settings, false),
    langfuse: {
      baseUrl,
      publicKey,
      mediaUpload: readFlag(settings, 'mediaUploadEnabled', ['LANGFUSE_MEDIA_UPLOAD_ENABLED'], true, false),
      allowedUploadHosts: guarded(settings, 'allowedUploadHosts', ({ given, problems }) =>
        resolveUploadHosts(given.allowedUploadHosts, problems),
      ),
      maxEventBytes,
    },
  };
  return {
    exporter: { url: 'otlp', options },
    compression: settings.given.compression as 'gzip' | 'none' | undefined,
    sideLaneBytes: (settings.given.sideLaneBytes as number | undefined) ?? sideLaneBytesFor(maxEventBytes),
    requestTimeoutMs:
      readSeconds(settings, 'timeout', ['LANGFUSE_TIMEOUT'], undefined, MAX_TIMEOUT_MS) ?? DEFAULT_TIMEOUT_MS,
  };
}

function readHeaders(settings: Settings, faults: HeaderFaults): Record<string, string> {
  const headers = ['headers', 'additionalHeaders'].flatMap((option) =>
    Object.entries(
      guarded(settings, option, ({ given, problems }) =>
        resolveHeaders(given[option], problems, `option ${option}`, faults),
      ) ?? {},
    ),
  );
  return Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
}
