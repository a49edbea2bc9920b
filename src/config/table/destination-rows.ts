/** Options on where data is sent, and with which credentials. */
import type { Rows } from './row.js';

export const DESTINATION_ROWS = {
  publicKey: {
    form: 'text',
    env: ['LANGFUSE_PUBLIC_KEY'],
    doc: 'Public key of the Langfuse project. Without it nothing is traced, and a warning says so; a key that no HTTP header can carry (a line break, a letter beyond Latin-1, the placeholder `pk-lf-…`) is an error, and nothing is traced.',
    client: {},
    processor: { choosesDestination: true, notFor: ['exporter', 'otlp'] },
  },
  secretKey: {
    form: 'text',
    env: ['LANGFUSE_SECRET_KEY'],
    doc: 'Secret key of the Langfuse project. The rules of `publicKey` hold.',
    client: {},
    processor: { choosesDestination: true, notFor: ['exporter', 'otlp'] },
  },
  baseUrl: {
    form: 'other',
    type: 'string',
    env: ['LANGFUSE_BASE_URL', 'LANGFUSE_BASEURL', 'LANGFUSE_HOST'],
    defaultDoc: '`https://cloud.langfuse.com`',
    doc: 'Address of the Langfuse server, `https://…` or `http://…`. If it cannot be used, nothing is sent to any server, and an error says so.',
    client: {},
    processor: { choosesDestination: true, notFor: ['exporter', 'otlp'] },
  },
  endpoint: {
    form: 'other',
    type: 'string',
    otel: 'OTEL_EXPORTER_OTLP_[TRACES_]ENDPOINT',
    defaultDoc: '`http://localhost:4318/v1/traces`',
    doc: 'Address of an OTLP endpoint (a collector). It is used as it is; an address without a path gets `/v1/traces`, and so does `OTEL_EXPORTER_OTLP_ENDPOINT`. If it cannot be used, no span is sent there, and an error says so.',
    processor: { choosesDestination: true, notFor: ['exporter'] },
  },
  protocol: {
    form: 'choice',
    client: {
      choices: ['otel', 'ingestion'],
      notFor: ['exporter'],
      doc: "How observations go to the server: as OpenTelemetry spans, or as events of Langfuse's classic ingestion API, in requests of at most 4.5 MB, for a self-hosted server without OpenTelemetry. Langfuse 4 refuses classic events.",
    },
    processor: {
      choices: ['http/protobuf', 'http/json'],
      otel: 'OTEL_EXPORTER_OTLP_[TRACES_]PROTOCOL',
      choosesDestination: true,
      notFor: ['exporter'],
      doc: 'Encoding of the requests to an OTLP endpoint.',
    },
  },
  headers: {
    form: 'other',
    type: 'Readonly<Record<string, string>>',
    otel: 'OTEL_EXPORTER_OTLP_[TRACES_]HEADERS',
    doc: 'Headers of each request to an OTLP endpoint, merged key by key over those of the variables. A header that HTTP refuses is left out; if such a header identifies the sender (`x-api-key`, …), no span is sent there, and an error says so.',
    processor: { choosesDestination: true, notFor: ['exporter'] },
  },
  additionalHeaders: {
    form: 'other',
    type: 'Readonly<Record<string, string>>',
    doc: 'Headers of each request to the server, for a proxy say; not sent to a storage for media. A header that HTTP refuses is left out, with a warning; if such a header identifies the sender (`x-api-key`, `cookie`, …), nothing is traced, and an error says so.',
    client: { notFor: ['exporter'] },
    processor: {
      choosesDestination: true,
      notFor: ['exporter'],
      doc: 'Headers of each request; the same as `headers`, under the name that Langfuse has.',
    },
  },
  certificate: {
    form: 'other',
    type: 'string',
    otel: 'OTEL_EXPORTER_OTLP_[TRACES_]CERTIFICATE',
    doc: 'Certificates of the authorities to trust in place of the usual ones: PEM text, or the path of a file that the worker reads. If they cannot be used, no server is trusted.',
    processor: { choosesDestination: true, notFor: ['exporter'] },
  },
  clientCertificate: {
    form: 'text',
    otel: 'OTEL_EXPORTER_OTLP_[TRACES_]CLIENT_CERTIFICATE',
    doc: 'Certificate of the client: PEM text, or the path of a file.',
    processor: { choosesDestination: true, notFor: ['exporter'] },
  },
  clientKey: {
    form: 'text',
    otel: 'OTEL_EXPORTER_OTLP_[TRACES_]CLIENT_KEY',
    doc: 'Key of the certificate of the client: PEM text, or the path of a file.',
    processor: { choosesDestination: true, notFor: ['exporter'] },
  },
  exporter: {
    form: 'other',
    type: 'ExporterSource',
    resolvedType: '{ readonly url: string; readonly options?: unknown }',
    engine: { isRequired: true, doc: 'The module that turns events into requests.' },
    client: {
      defaultDoc: 'the langfuse exporter',
      doc: 'A module of your own in place of the langfuse exporter. It gets records as `mask`, `maskModule` and `redact` leave them.',
    },
    processor: {
      type: 'SpanExporterLike',
      choosesDestination: true,
      doc: 'An OpenTelemetry exporter of your own. It runs on the calling thread, at its own cost, one batch at a time, and gets spans masked and redacted. Media stay in the spans, and options of the worker are ignored; one warning each says so. Spans that it still has to export are lost when the process ends by `process.exit()`, an error or a signal: it needs the event loop.',
    },
  },
  proxy: {
    form: 'other',
    type: 'string | URL | false',
    resolvedType: 'ProxySetting',
    defaultDoc:
      '`HTTP_PROXY` for http, `HTTPS_PROXY` for https, else `ALL_PROXY`; requests to hosts in `NO_PROXY` go without a proxy',
    example: 'http://user:password@proxy.example.com:3128',
    doc: 'URL of an HTTP proxy for all requests; `false`: no proxy. If it cannot be used, nothing is sent, and an error says so.',
    client: {},
    engine: {},
    processor: { notFor: ['exporter'] },
  },
  destinations: {
    form: 'other',
    type: 'readonly SpanDestinationOptions[]',
    doc: 'Several destinations at once, each with a queue and failures of its own. Options beside it hold for each destination that does not set them, except those that choose a destination: these must be set in each.',
    example: "destinations: [{ publicKey, secretKey }, { endpoint: 'http://collector:4318' }]",
    processor: { isOfAll: true },
  },
} as const satisfies Rows;
