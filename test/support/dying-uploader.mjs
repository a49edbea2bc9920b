/** The langfuse exporter in a worker that exits before it sends content: as often as `deathsLeft` says. */
import { createExporter as createLangfuseExporter } from '../../dist/exporters/langfuse/exporter.js';

export function createExporter({ langfuse, deathsLeft }, context) {
  return createLangfuseExporter(langfuse, {
    ...context,
    send(request, read) {
      if (request.method === 'PUT' && Atomics.sub(deathsLeft, 0, 1) > 0) process.exit(1);
      return context.send(request, read);
    },
  });
}
