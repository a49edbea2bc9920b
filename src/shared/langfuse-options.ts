/** Options of the built-in langfuse exporter. */

import type { PriceOverride } from './contract/prices.js';
import type { PayloadOptions } from './contract/redaction.js';
import type { UploadHost } from './upload-hosts.js';

/** How observations go to a Langfuse server: over OTLP, or as events of its classic ingestion. */
export type Protocol = 'otel' | 'ingestion';

export const DEFAULT_MAX_EVENT_BYTES = 1024 * 1024;

export interface LangfuseExporterOptions extends PayloadOptions {
  readonly baseUrl: string;
  readonly publicKey: string;
  readonly secretKey: string;
  readonly sdkVersion: string;
  /** @default 'otel' */
  readonly protocol?: Protocol;
  /** Sent with each request. */
  readonly additionalHeaders?: Readonly<Record<string, string>>;
  /** If a span takes more bytes on the wire, its largest values are cut. @default 1 MiB */
  readonly maxEventBytes?: number;
  /** Whether media are uploaded and replaced by a reference. @default true */
  readonly mediaUpload?: boolean;
  /** Where media may be uploaded to. @default the server's own host, and every host that is not private */
  readonly allowedUploadHosts?: readonly UploadHost[] | undefined;
  /** Adds usage and cost where they are missing. @default false */
  readonly estimateUsage?: boolean;
  /** Looked up before the price list. */
  readonly prices?: readonly PriceOverride[];
}
