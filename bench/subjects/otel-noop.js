/** What @langfuse/tracing and OpenTelemetry cost before any processor has done anything. */
import { loadLangfuseTracing } from './langfuse-tracing.js';

export const subject = {
  label: '@langfuse/tracing + a processor that does nothing',
  packages: ['@langfuse/tracing', '@opentelemetry/sdk-trace-base'],
  delivers: false,
  async load() {
    const create = await loadLangfuseTracing();
    return () => create({ onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} });
  },
};
