/** The built-in exporter for OpenTelemetry's spans: to a collector, or to a Langfuse server, over OTLP/HTTP. */
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
} from '../../shared/contract/exporter.js';
import type { LangfuseDestination, OtlpExporterOptions } from '../../shared/contract/otlp-options.js';
import { DEFAULT_MAX_EVENT_BYTES } from '../../shared/langfuse-options.js';
import { sentWith } from '../../shared/untrusted-text/sent-headers.js';
import type { Sent } from '../../shared/untrusted-text/untrusted-text.js';
import { spanMayHoldMedia } from '../encoding/media-search.js';
import { loadRecord } from '../encoding/webassembly.js';
import { outcomeOfAnswer } from '../langfuse/answers.js';
import { createSizeLimit } from '../truncation/size-limit.js';
import { addSpan, createBody, encodeBody } from './body.js';
import { createOtlpEncoder, type EncodedSpan } from './encoder.js';
import { JSON_FORMAT, PROTOBUF, type SpanFormat } from './formats.js';
import { outcomeOfOtlp } from './response.js';
import { createEndpoints, type Endpoints, readServer, type Server, SPANS } from './servers.js';

/** The OTLP specification's 64 MiB, less the bytes that gzip may add to a body that it cannot compress. */
const MAX_BODY_BYTES = 64 * 1024 * 1024 - 64 * 1024;
/** Brackets, tags and lengths around the span, scope and resource of a body with one span. */
const MAX_NESTING_BYTES = 128;

type EncodeSpan = (event: Buffer) => EncodedSpan;

/** What differs between kinds of servers. */
interface Destination extends Pick<Endpoints, 'server' | 'lanes' | 'laneOf' | 'endpoints' | 'outcome'> {
  readonly format: SpanFormat;
  readonly spoolIdentity: string;
  readonly revise: (event: Buffer) => Revised;
  /** Encodes a span, within the size that the server accepts. */
  readonly limited: (event: Buffer, encode: EncodeSpan) => EncodedSpan;
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
  const { langfuse } = given;
  const { server, lanes, format, revise, limited, laneOf, endpoints, outcome, spoolIdentity } =
    langfuse === undefined
      ? toCollector(given, context)
      : toLangfuse(readServer(given, context), langfuse, context);
  const { url, headers, tls } = server;
  const encoder = createOtlpEncoder(format);
  const encode = ({ event, settlesAfter }: Revised): EncodedRecord => {
    const { id, bytes, traceIdAt = 0 } = limited(event, encoder.encodeSpan);
    const record = { lane: laneOf(event, traceIdAt), id, bytes: encoder.envelope(bytes), settlesAfter };
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

    maxBodyBytes: Object.fromEntries(lanes.map((lane) => [lane, MAX_BODY_BYTES])),

    spoolIdentity,

    request(_lane, records) {
      const body = createBody(format);
      for (const { bytes } of records) addSpan(body, bytes);
      const request = {
        url,
        headers: { ...headers, 'content-type': format.contentType },
        body: encodeBody(body),
      };
      return tls === undefined ? request : { ...request, tls };
    },

    recycle(_lane, records) {
      for (const { bytes } of records) encoder.recycle(bytes);
    },

    endpoints,

    outcome: (_lane, records, response, endpoint) =>
      outcome(
        response,
        endpoint,
        records.map(({ bytes }) => bytes),
      ),
  };
}

function toCollector(given: OtlpExporterOptions, context: ExporterContext): Destination {
  const { protocol = 'http/protobuf' } = given;
  const { identity, ...endpoints } = createEndpoints(given, context);
  return {
    ...endpoints,
    format: protocol === 'http/json' ? JSON_FORMAT : PROTOBUF,
    spoolIdentity: `otlp/1 ${protocol} ${identity}`,
    revise: (event) => ({ event }),
    limited: (event, encode) => encode(event),
  };
}

function toLangfuse(
  server: Server,
  {
    baseUrl,
    publicKey,
    mediaUpload = true,
    allowedUploadHosts,
    maxEventBytes = DEFAULT_MAX_EVENT_BYTES,
  }: LangfuseDestination,
  context: ExporterContext,
): Destination {
  const { url, headers, tls, secrets } = server;
  const base = baseUrl.replace(/\/+$/, '');
  const mediaServer = {
    url: `${base}/api/public/media`,
    headers,
    secrets,
    tls,
    mayUpload: createUploadRule(base, allowedUploadHosts),
    send: context.send,
  };
  const outcome = (response: ExportResponse, sent: Sent): ExportOutcome =>
    outcomeOfAnswer({ url, publicKey, sent }, response) ?? outcomeOfOtlp(response, context.warning, sent);
  return {
    server,
    lanes: [SPANS],
    laneOf: () => SPANS,
    endpoints: () => undefined,
    format: PROTOBUF,
    spoolIdentity: `otlp/1 langfuse ${url} ${publicKey}`,
    revise: mediaUpload
      ? createSpanMediaReviser(mediaServer, context, spanMayHoldMedia)
      : (event) => ({ event }),
    limited: createSizeLimit(maxEventBytes, createRecordWriter(), context).span,
    outcome: (response, _endpoint, bodies) => outcome(response, sentWith(response, { secrets, bodies })),
  };
}
