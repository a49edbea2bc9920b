/**
 * The slot for ours as a span processor under @langfuse/tracing. It is skipped until dist/otel.js is there; the
 * processor's name below is the one thing that may have to follow.
 */
import { loadLangfuseTracing } from './langfuse-tracing.js';

const FILE = '../../dist/otel.js';

export const subject = {
  label: 'tailrace as span processor',
  kind: 'ours',
  file: FILE,
  packages: ['@langfuse/tracing', '@opentelemetry/sdk-trace-base'],
  delivers: true,
  async load() {
    const create = await loadLangfuseTracing();
    const { TailraceSpanProcessor } = await import(FILE);
    return ({ url }) =>
      create(
        new TailraceSpanProcessor({
          publicKey: 'pk-lf-bench',
          secretKey: 'sk-lf-bench',
          baseUrl: url,
          compression: 'none',
        }),
      );
  },
};
