/** Which endpoint a request is for, and when the OTLP endpoint refuses it as a whole. */
import type { ReceivedRequest } from './types.js';

const HIGHEST_INGESTION_VERSION = 4;

export function isOtlp({ path }: ReceivedRequest): boolean {
  return path === '/api/public/otel/v1/traces';
}

export function isIngestion({ path }: ReceivedRequest): boolean {
  return path === '/api/public/ingestion';
}

/**
 * The reason, or null (Langfuse's web/src/pages/api/public/otel/v1/traces/index.ts): the content type must be one of
 * OTLP's two, and `x-langfuse-ingestion-version` a number that the server knows.
 */
export function refusalOfOtlp({ headers }: ReceivedRequest): string | null {
  const contentType = String(headers['content-type'] ?? '').toLowerCase();
  if (!['application/json', 'application/x-protobuf'].some((type) => contentType.includes(type))) {
    return 'Invalid content type';
  }
  const version = headers['x-langfuse-ingestion-version'];
  if (version === undefined || version === '') return null;
  const number = Number.parseInt(String(version), 10);
  const isKnown = !Number.isNaN(number) && number <= HIGHEST_INGESTION_VERSION;
  return isKnown
    ? null
    : `Unsupported x-langfuse-ingestion-version: "${version}". Maximum supported: "${HIGHEST_INGESTION_VERSION}".`;
}
