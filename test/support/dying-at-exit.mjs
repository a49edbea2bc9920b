/** The langfuse exporter in a first worker that exits in the middle of its work, and in others that do not. */
import { workerData } from 'node:worker_threads';
import { createExporter as createLangfuseExporter } from '../../dist/exporters/langfuse/exporter.js';

export async function createExporter({ langfuse }, context) {
  const exporter = await createLangfuseExporter(langfuse, context);
  // Workers are told apart by their number, which comes with what they are started with.
  const isFirst = (workerData?.tailrace?.workerGeneration ?? 1) === 1;
  let records = 0;
  return {
    ...exporter,
    encodeBytes(event) {
      if (isFirst && ++records === 20) process.exit(1);
      return exporter.encodeBytes(event);
    },
  };
}
