/** The JSON exporter for traces: of each span its trace, and the thread that has encoded it. */
import { threadId } from 'node:worker_threads';
import { createExporter as createJsonExporter } from './json-exporter.mjs';

export function createExporter(options, context) {
  const { encode, ...exporter } = createJsonExporter(options, context);
  return {
    ...exporter,
    encode: ([, , traceId]) => encode({ id: 0, traceId: Buffer.from(traceId).toString('hex'), threadId }),
  };
}
