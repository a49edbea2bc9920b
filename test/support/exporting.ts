/** The langfuse exporter with given options, and what it makes of a record. */
import { createExporter } from '../../src/exporters/langfuse/exporter.js';
import type { EncodedRecord } from '../../src/shared/contract/exporter.js';
import type { LangfuseExporterOptions } from '../../src/shared/langfuse-options.js';
import { eventBytes } from './event-bytes.js';
import { type DecodedSpan, decodeRequest } from './otlp.js';
import { exporterContext } from './records.js';

export interface ExporterBench {
  readonly warnings: string[];
  readonly counted: string[];
  bytes(record: unknown): Uint8Array;
  span(record: unknown): DecodedSpan;
  /** Without its payloads. */
  withheld(record: unknown): DecodedSpan;
  /** The body of a score. */
  score(record: unknown): Record<string, unknown>;
}

export async function startExporter(options: Partial<LangfuseExporterOptions>): Promise<ExporterBench> {
  const warnings: string[] = [];
  const counted: string[] = [];
  const exporter = await createExporter(
    { baseUrl: 'http://x', publicKey: 'pk', secretKey: 'sk', sdkVersion: '1', ...options },
    exporterContext({
      count: (total) => counted.push(total),
      warning: (_, message) => warnings.push(message),
    }),
  );
  const encode = (record: unknown) => {
    const encoded = exporter.encodeBytes?.(eventBytes(record));
    if (encoded === undefined) throw new Error('the exporter encodes no bytes');
    return encoded;
  };
  const decoded = (record: EncodedRecord): DecodedSpan => {
    const { body } = exporter.request('spans', [record]);
    return decodeRequest(Buffer.concat([body].flat() as Uint8Array[])).spans[0] as DecodedSpan;
  };
  return {
    warnings,
    counted,
    bytes: (record) => encode(record).bytes,
    span: (record) => decoded(encode(record)),
    withheld: (record) => decoded(exporter.encodeWithheld?.(eventBytes(record)) as EncodedRecord),
    score: (record) => JSON.parse(Buffer.from(encode(record).bytes).toString()).body,
  };
}
