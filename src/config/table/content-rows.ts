/** Options on what is traced, and on what may leave the process. */
import { DEFAULT_MAX_EVENT_BYTES } from '../../shared/langfuse-options.js';
import { KiB, MiB, type Rows } from './row.js';

export const CONTENT_ROWS = {
  enabled: {
    form: 'flag',
    default: true,
    // A value that cannot be read may have said that nothing is to be sent.
    ifWrong: false,
    env: ['LANGFUSE_TRACING_ENABLED'],
    doc: '`false`: every call is a no-op.',
    client: {},
  },
  sampleRate: {
    form: 'number',
    default: 1,
    min: 0,
    max: 1,
    env: ['LANGFUSE_SAMPLE_RATE'],
    doc: 'Share of the traces that are recorded. The trace id decides, so a trace is recorded as a whole, and services with the same rate record the same traces.',
    client: {},
  },
  environment: {
    form: 'other',
    type: 'string',
    env: ['LANGFUSE_TRACING_ENVIRONMENT'],
    doc: 'Environment of all traces: at most 40 of `a-z`, `0-9`, `_` and `-`, not beginning with `langfuse`.',
    client: {},
    processor: { notFor: ['otlp'], doc: 'Environment, on each span for a Langfuse server.' },
  },
  release: {
    form: 'text',
    env: ['LANGFUSE_RELEASE'],
    client: {
      defaultDoc:
        'the commit that the platform names (`VERCEL_GIT_COMMIT_SHA`, `GITHUB_SHA`, …; see `release.ts`)',
      doc: 'Release of the application, on all traces.',
    },
    processor: { notFor: ['otlp'], doc: 'Release of the application, on each span for a Langfuse server.' },
  },
  version: {
    form: 'text',
    doc: "Version of the application's code, on all traces and observations that set none.",
    client: {},
  },
  tags: {
    form: 'other',
    type: 'readonly string[]',
    doc: 'Tags of all traces that set none.',
    client: {},
  },
  mask: {
    form: 'other',
    client: {
      type: 'MaskFunction',
      doc: "Returns what is sent in place of an input, output or metadata: `({ data }) => …`. It runs on the application's thread, in the call that passes the value. If it throws or returns a promise, the whole value is masked.",
    },
    processor: {
      type: 'SpanMaskFunction',
      doc: 'Returns what is sent in place of an attribute that holds input, output or metadata: `({ data }) => …`. It runs on the calling thread. It may return a promise, for which the span waits.',
    },
  },
  maskModule: {
    form: 'other',
    type: 'string | URL',
    client: {
      doc: "Module that masks in the worker: a URL (`new URL('./mask.js', import.meta.url)`) or an absolute path. Its export `mask`, or its default export, is called for each input, output, metadata and comment (see `MaskFunction`) and returns what is sent. If it throws or cannot be loaded, the values are masked.",
    },
    processor: {
      doc: 'Module that masks in the worker: a URL or an absolute path. Its export `mask`, or its default export, is called after `mask`, for each attribute that holds input, output or metadata. With an `exporter` it runs on the calling thread. If it throws or cannot be loaded, the values are masked.',
    },
  },
  redact: {
    form: 'other',
    type: 'boolean | RedactPatterns | RedactOptions',
    defaultDoc: '`false`',
    client: {
      doc: 'Redaction in the worker, after masking: `true` uses all ready patterns, a RegExp or an array uses those patterns. If it cannot be used, everything is masked.',
    },
    processor: {
      doc: "Redaction, after masking. Patterns look into each attribute of the span, its events and links, and into the status message. A path begins with `input`, `output` or `metadata` (in whichever attribute holds them), `statusMessage`, `*` or `**`, or is an attribute's key (`http.request.header.authorization`). If it cannot be used, everything is masked.",
    },
  },
  shouldExportSpan: {
    form: 'other',
    type: 'SpanFilterFunction',
    defaultDoc:
      '`isDefaultExportSpan` for a Langfuse server or an `exporter`, every span for an OTLP endpoint',
    doc: "Whether a span is exported: only `false` drops it. It is called when a span ends, and for a Langfuse server also when it starts. Dropped spans are named at debug level (`LANGFUSE_DEBUG`, or the level of OpenTelemetry's logger).",
    processor: {},
  },
  mediaUpload: {
    form: 'flag',
    default: true,
    ifWrong: false,
    env: ['LANGFUSE_MEDIA_UPLOAD_ENABLED'],
    doc: 'Uploads media (data URIs, bytes with a content type, `TailraceMedia`) and sends a reference in their place. `false`: values stay as they are, wrapped media become a short text.',
    client: { notFor: ['exporter', 'otlp', 'redis', 'nats', 'clickhouse'] },
  },
  mediaUploadEnabled: {
    form: 'flag',
    default: true,
    ifWrong: false,
    env: ['LANGFUSE_MEDIA_UPLOAD_ENABLED'],
    doc: 'Uploads media in base64 data URIs to the Langfuse server and sends a reference in their place.',
    processor: { notFor: ['exporter', 'otlp'] },
  },
  allowedUploadHosts: {
    form: 'other',
    type: 'readonly string[]',
    defaultDoc: "any host that is not in a private network, or in the server's",
    doc: "Storages that the Langfuse server may send media to, besides its own host: names (`'minio.internal'`), wildcards (`'*.amazonaws.com'`, where they are not private), addresses and networks (`'10.0.0.0/8'`), each with a port if you like; `'*'`: any. If it cannot be used, media go to the server's own host alone.",
    client: { notFor: ['exporter', 'otlp', 'redis', 'nats', 'clickhouse'] },
    processor: { notFor: ['exporter', 'otlp'] },
  },
  maxEventBytes: {
    form: 'number',
    default: DEFAULT_MAX_EVENT_BYTES,
    // All that a span has besides its values fits into the smallest; a message of protobuf, as we write it, into 256 MiB.
    min: 4 * KiB,
    max: 128 * MiB,
    unit: 'bytes',
    env: ['LANGFUSE_MAX_EVENT_SIZE_BYTES'],
    doc: 'Size of one event on the wire, above which its largest values are cut.',
    client: {},
    processor: {
      notFor: ['exporter', 'otlp'],
      doc: 'Size of one span on the wire, above which its largest values are cut, for a Langfuse server.',
    },
  },
  estimateUsage: {
    form: 'flag',
    default: false,
    doc: "Adds usage and cost to generations and embeddings without cost, in the worker: the given usage times the model's price, or else the text counted by a tokenizer. Metadata mark what was added (`tailrace_usage`, `tailrace_cost`, `tailrace_price`, `tailrace_tokenizer`). Needs the packages @pydantic/genai-prices and gpt-tokenizer.",
    client: { notFor: ['exporter'] },
  },
  prices: {
    form: 'other',
    type: 'readonly PriceOverride[]',
    doc: "Prices of your own for `estimateUsage`, in US dollars per million tokens: `[{ model: 'my-model', input: 0.5, output: 1.5 }]`. They go before the price list.",
    client: { notFor: ['exporter'] },
  },
} as const satisfies Rows;
