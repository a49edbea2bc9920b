/** The built-in exporter for OpenTelemetry's spans: to a collector, or to a Langfuse server, over OTLP/HTTP. */
import { createHash } from 'node:crypto';
import { loadMasking, type MaskValue } from '../../revision/masking.js';
import { createSpanMediaReviser } from '../../revision/media/span.js';
import { createUploadRule } from '../../revision/media/upload-rule.js';
import { createRecordWriter, type Revised } from '../../revision/revision.js';
import { reviseSpanValues } from '../../revision/span-bytes.js';
import { createSpanRevisions } from '../../revision/span-revision.js';
import { withholdSpanPayloads } from '../../revision/withheld.js';
import type {
  EncodedRecord,
  ExporterContext,
  ExportOutcome,
  ExportResponse,
  HttpExporter,
  TlsIdentity,
} from '../../shared/contract/exporter.js';
import type { LangfuseDestination, OtlpExporterOptions } from '../../shared/contract/otlp-options.js';
import { DEFAULT_MAX_EVENT_BYTES } from '../../shared/langfuse-options.js';
import { sentWith } from '../../shared/untrusted-text/sent-headers.js';
import type { Sent } from '../../shared/untrusted-text/untrusted-text.js';
import { VERSION } from '../../shared/version.js';
import { lowerCaseNames, readTlsIdentity } from '../connection-options.js';
import { spanMayHoldMedia } from '../encoding/media-search.js';
import { loadRecord } from '../encoding/webassembly.js';
import { outcomeOfAnswer } from '../langfuse/answers.js';
import { createSizeLimit } from '../truncation/size-limit.js';
import { outcomeOfCollector } from './answers.js';
import { addSpan, createBody, encodeBody } from './body.js';
import { createOtlpEncoder, type EncodedSpan } from './encoder.js';
import { JSON_FORMAT, PROTOBUF, type SpanFormat } from './formats.js';
import { outcomeOfOtlp } from './response.js';

const SPANS = 'spans';

/** The OTLP specification's 64 MiB, less the bytes that gzip may add to a body that it cannot compress. */
const MAX_BODY_BYTES = 64 * 1024 * 1024 - 64 * 1024;
/** Brackets, tags and lengths around the span, scope and resource of a body with one span. */
const MAX_NESTING_BYTES = 128;

/** As OpenTelemetry's protocol/exporter.md asks: "the exporter, the language of its implementation, and the version". */
const USER_AGENT = { 'user-agent': `tailrace-otlp-exporter-javascript/${VERSION}` };

type EncodeSpan = (event: Buffer) => EncodedSpan;

interface Server {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsIdentity | undefined;
}

/** What differs between kinds of servers. */
interface Destination {
  readonly format: SpanFormat;
  readonly spoolIdentity: string;
  readonly revise: (event: Buffer) => Revised;
  /** Encodes a span, within the size that the server accepts. */
  readonly limited: (event: Buffer, encode: EncodeSpan) => EncodedSpan;
  readonly outcome: (response: ExportResponse, sent: Sent) => ExportOutcome;
}

/** Asynchronous only if it has to load a masking module. */
export function createExporter(
  options: unknown,
  context: ExporterContext,
): HttpExporter | Promise<HttpExporter> {
  const given = options as OtlpExporterOptions;
  const { maskModule } = given;
  if (maskModule === undefined) return makeExporter(given, undefined, context);
  return loadMasking(maskModule, context).then((mask) => makeExporter(given, mask, context));
}

function makeExporter(
  given: OtlpExporterOptions,
  mask: MaskValue | undefined,
  context: ExporterContext,
): HttpExporter {
  const { url, langfuse, secrets = [] } = given;
  const tls = given.tls && readTlsIdentity(given.tls, context);
  const server: Server = { url, headers: { ...USER_AGENT, ...lowerCaseNames(given.headers) }, tls };
  const { format, spoolIdentity, revise, limited, outcome } =
    langfuse === undefined ? toCollector(given, context) : toLangfuse(server, langfuse, secrets, context);
  const encoder = createOtlpEncoder(format);
  const encode = ({ event, settlesAfter }: Revised): EncodedRecord => {
    const { id, bytes } = limited(event, encoder.encodeSpan);
    const record = { lane: SPANS, id, bytes: encoder.envelope(bytes), settlesAfter };
    if (record.bytes.byteLength + MAX_NESTING_BYTES > MAX_BODY_BYTES) {
      throw new Error(
        `span ${id} takes ${bytes.byteLength} bytes, more than a request of 64 MiB has room for`,
      );
    }
    return record;
  };
  const revisions = createSpanRevisions(mask, given.redact, context);
  return {
    encodeBytes: (event) => encode(revise(revisions.reduce(reviseSpanValues, loadRecord(event)))),

    encodeWithheld: (event) => encode({ event: withholdSpanPayloads(event) }),

    measureBody() {
      const body = createBody(format);
      return ({ bytes }) => addSpan(body, bytes);
    },

    maxBodyBytes: { [SPANS]: MAX_BODY_BYTES },

    spoolIdentity,

    request(_lane, records) {
      const body = createBody(format);
      for (const { bytes } of records) addSpan(body, bytes);
      const request = {
        url,
        headers: { ...server.headers, 'content-type': format.contentType },
        body: encodeBody(body),
      };
      return tls === undefined ? request : { ...request, tls };
    },

    recycle(_lane, records) {
      for (const { bytes } of records) encoder.recycle(bytes);
    },

    outcome: (_lane, records, response) =>
      outcome(response, sentWith(response, { secrets, bodies: records.map(({ bytes }) => bytes) })),
  };
}

function toCollector(
  { url, headers = {}, protocol = 'http/protobuf' }: OtlpExporterOptions,
  { warning }: ExporterContext,
): Destination {
  const { host } = new URL(url);
  // The headers say whose spans they are: the spool of one application must not be sent with another's headers.
  const whose = createHash('sha256').update(JSON.stringify(headers)).digest('hex');
  return {
    format: protocol === 'http/json' ? JSON_FORMAT : PROTOBUF,
    spoolIdentity: `otlp/1 ${protocol} ${url} ${whose}`,
    revise: (event) => ({ event }),
    limited: (event, encode) => encode(event),
    outcome: (response, sent) => outcomeOfCollector(host, response, warning, sent),
  };
}

function toLangfuse(
  { url, headers, tls }: Server,
  {
    baseUrl,
    publicKey,
    mediaUpload = true,
    allowedUploadHosts,
    maxEventBytes = DEFAULT_MAX_EVENT_BYTES,
  }: LangfuseDestination,
  secrets: readonly string[],
  context: ExporterContext,
): Destination {
  const base = baseUrl.replace(/\/+$/, '');
  const mediaServer = {
    url: `${base}/api/public/media`,
    headers,
    secrets,
    tls,
    mayUpload: createUploadRule(base, allowedUploadHosts),
    send: context.send,
  };
  return {
    format: PROTOBUF,
    spoolIdentity: `otlp/1 langfuse ${url} ${publicKey}`,
    revise: mediaUpload
      ? createSpanMediaReviser(mediaServer, context, spanMayHoldMedia)
      : (event) => ({ event }),
    limited: createSizeLimit(maxEventBytes, createRecordWriter(), context).span,
    outcome: (response, sent) =>
      outcomeOfAnswer({ url, publicKey, sent }, response) ?? outcomeOfOtlp(response, context.warning, sent),
  };
}
