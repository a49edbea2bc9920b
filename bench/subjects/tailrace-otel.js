/** Ours as a span processor under @langfuse/tracing. */
import { loadLangfuseTracing } from './langfuse-tracing.js';

const FILE = '../../dist/esm/otel.js';

export const subject = {
  label: 'tailrace as span processor',
  kind: 'ours',
  file: FILE,
  packages: ['@langfuse/tracing', '@opentelemetry/sdk-trace-base'],
  delivers: true,
  async load() {
    const create = await loadLangfuseTracing();
    const { TailraceSpanProcessor } = await import(FILE);
    return ({ url }) => {
      const processor = new TailraceSpanProcessor({
        publicKey: 'pk-lf-bench',
        secretKey: 'sk-lf-bench',
        baseUrl: url,
        compression: 'none',
      });
      return { ...create(processor), counts: () => processor.stats() };
    };
  },
};
