/**
 * The langfuse exporter in a worker that exits in the middle of its work. `lives`: after how many records each worker
 * exits, one after the other; `livesLeft`: a shared Int32Array with the number of those still to come.
 *
 * Each number is different: two workers that die of the same record make it a poison record.
 */
import { createExporter as createLangfuseExporter } from '../../dist/exporters/langfuse/exporter.js';

export async function createExporter({ langfuse, lives, livesLeft }, context) {
  const exporter = await createLangfuseExporter(langfuse, context);
  const recordsToLive = lives[Atomics.sub(livesLeft, 0, 1) - 1];
  let records = 0;
  return {
    ...exporter,
    encodeBytes(event) {
      if (++records === recordsToLive) process.exit(1);
      return exporter.encodeBytes(event);
    },
  };
}
