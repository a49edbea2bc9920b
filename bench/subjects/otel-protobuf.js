import { loadLangfuseTracing } from './langfuse-tracing.js';

export const subject = {
  label: '@langfuse/tracing + BatchSpanProcessor, protobuf',
  packages: [
    '@langfuse/tracing',
    '@opentelemetry/sdk-trace-base',
    '@opentelemetry/exporter-trace-otlp-proto',
  ],
  delivers: true,
  async load() {
    const create = await loadLangfuseTracing();
    const { BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
    return ({ url }) => create(new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/v1/traces` })));
  },
};
