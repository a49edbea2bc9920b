import { loadLangfuseTracing } from './langfuse-tracing.js';

export const subject = {
  label: '@langfuse/tracing + BatchSpanProcessor, JSON',
  packages: ['@langfuse/tracing', '@opentelemetry/sdk-trace-base', '@opentelemetry/exporter-trace-otlp-http'],
  delivers: true,
  async load() {
    const create = await loadLangfuseTracing();
    const { BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    return ({ url }) => create(new BatchSpanProcessor(new OTLPTraceExporter({ url: `${url}/v1/traces` })));
  },
};
