/** The headers of requests to a Langfuse server. */
import { lowerCaseNames } from '../connection-options.js';

/** Version 4 of Langfuse's ingestion: finished spans, no updates. A server refuses higher versions. */
export const FINISHED_SPANS = { 'x-langfuse-ingestion-version': '4' };

interface Sender {
  readonly publicKey: string;
  readonly credentials: string;
  readonly sdkVersion: string;
}

export function credentialsOf({
  publicKey,
  secretKey,
}: {
  readonly publicKey: string;
  readonly secretKey: string;
}): string {
  return Buffer.from(`${publicKey}:${secretKey}`).toString('base64');
}

export function headersFor(
  { publicKey, credentials, sdkVersion }: Sender,
  additionalHeaders: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  return {
    ...lowerCaseNames(additionalHeaders),
    authorization: `Basic ${credentials}`,
    'x-langfuse-sdk-name': 'tailrace',
    'x-langfuse-sdk-version': sdkVersion,
    'x-langfuse-public-key': publicKey,
  };
}
