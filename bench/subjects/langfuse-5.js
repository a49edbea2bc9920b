import { loadLangfuseTracing } from './langfuse-tracing.js';

export const subject = {
  label: 'langfuse 5 (tracing + otel)',
  packages: ['@langfuse/tracing', '@langfuse/otel', '@opentelemetry/sdk-trace-base'],
  delivers: true,
  async load() {
    const create = await loadLangfuseTracing();
    const { LangfuseSpanProcessor } = await import('@langfuse/otel');
    return ({ url }) =>
      create(new LangfuseSpanProcessor({ publicKey: 'pk-lf-bench', secretKey: 'sk-lf-bench', baseUrl: url }));
  },
};
