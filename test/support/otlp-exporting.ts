/** The otlp exporter with given options, and what it makes of finished spans. */
import { createExporter } from '../../src/exporters/otlp/exporter.js';
import type { FinishedSpan } from '../../src/records/finished-span.js';
import { writeSpan } from '../../src/records/span.js';
import type {
  EncodedRecord,
  ExporterContext,
  ExportOutcome,
  HttpExporter,
} from '../../src/shared/contract/exporter.js';
import type { OtlpExporterOptions } from '../../src/shared/contract/otlp-options.js';
import { eventBytesBy } from './event-bytes.js';
import { exporterContext } from './records.js';

const LANE = 'spans';

export interface OtlpBench {
  readonly warnings: string[];
  readonly counted: string[];
  encode(span: FinishedSpan): EncodedRecord;
  /** The body of a request with these spans. */
  body(spans: readonly FinishedSpan[]): Buffer;
  /** Its size, as it is said for each span that is added. */
  sizes(spans: readonly FinishedSpan[]): number[];
  outcome(status: number, headers?: Record<string, string>, body?: string | Uint8Array): ExportOutcome;
}

export function startOtlpExporter(
  options: Partial<OtlpExporterOptions> = {},
  context: Partial<ExporterContext> = {},
): OtlpBench {
  const warnings: string[] = [];
  const counted: string[] = [];
  const exporter = createExporter(
    { url: 'http://collector:4318/v1/traces', headers: {}, ...options },
    exporterContext({
      count: (total) => counted.push(total),
      warning: (_, message) => warnings.push(message),
      ...context,
    }),
  ) as HttpExporter;
  const encode = (span: FinishedSpan) =>
    exporter.encodeBytes?.(eventBytesBy(writeSpan, span)) as EncodedRecord;
  return {
    warnings,
    counted,
    encode,
    body: (spans) => Buffer.concat([exporter.request(LANE, spans.map(encode)).body].flat() as Uint8Array[]),
    sizes(spans) {
      const measure = exporter.measureBody?.(LANE) as (record: EncodedRecord) => number;
      return spans.map((span) => measure(encode(span)));
    },
    outcome: (status, headers = {}, body = '') =>
      exporter.outcome(LANE, [], { status, headers, body: Buffer.from(body as string) }),
  };
}
