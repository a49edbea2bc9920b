/** The span processors that `bench/otel.js` compares, by id: each is given the sink's address. */
import { TailraceSpanProcessor } from '../../dist/esm/otel.js';

const KEYS = { publicKey: 'pk-lf-bench', secretKey: 'sk-lf-bench' };

/** As long a queue for all, or stock would lose what it does not export. */
const QUEUE = { maxQueueSize: 100_000 };

export const NOTHING = 'a processor that does nothing';

export const SUBJECTS = {
  [NOTHING]: async () => ({ onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} }),
  'tailrace to a collector': async (url) => new TailraceSpanProcessor({ endpoint: url }),
  'tailrace to Langfuse': async (url) =>
    new TailraceSpanProcessor({ ...KEYS, baseUrl: url, compression: 'none' }),
  'BatchSpanProcessor, protobuf': async (url) => {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
    return batching(new OTLPTraceExporter({ url: `${url}/v1/traces` }));
  },
  'BatchSpanProcessor, JSON': async (url) => {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    return batching(new OTLPTraceExporter({ url: `${url}/v1/traces` }));
  },
  LangfuseSpanProcessor: async (url) => {
    const { LangfuseSpanProcessor } = await import('@langfuse/otel');
    process.env.OTEL_BSP_MAX_QUEUE_SIZE = String(QUEUE.maxQueueSize);
    return new LangfuseSpanProcessor({ ...KEYS, baseUrl: url });
  },
};

async function batching(exporter) {
  const { BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
  return new BatchSpanProcessor(exporter, QUEUE);
}
