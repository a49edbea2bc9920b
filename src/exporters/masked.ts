/** An exporter of the application's own behind masking and redaction: it gets tracing records as they may be sent. */

import { createReviser } from '../revision/revision.js';
import { createMaskingRevisions } from '../revision/revisions.js';
import type { CreateExporter, EncodedRecord, Exporter, ExporterContext } from '../shared/exporter.js';
import { importByUrl } from '../shared/import-by-url.js';
import { whyNotLoaded } from '../shared/module-faults.js';
import type { PayloadOptions } from '../shared/redaction.js';

export interface MaskedExporterOptions extends PayloadOptions {
  /** The module of the application's. */
  readonly url: string;
  readonly options?: unknown;
}

export async function createExporter(options: unknown, context: ExporterContext): Promise<Exporter> {
  const { url, options: given, ...payload } = options as MaskedExporterOptions;
  const exporter = await makeInner(url, given, context);
  const revise = createReviser(await createMaskingRevisions(payload, context), context.decode);
  const { measureBody, bodyBytes } = exporter;
  return {
    encodeBytes(original) {
      const { event } = revise(original);
      return exporter.encodeBytes?.(event) ?? (exporter.encode?.(context.decode(event)) as EncodedRecord);
    },
    ...(bodyBytes && { bodyBytes: bodyBytes.bind(exporter) }),
    ...(measureBody && { measureBody: measureBody.bind(exporter) }),
    ...(exporter.maxBodyBytes && { maxBodyBytes: exporter.maxBodyBytes }),
    spoolIdentity: exporter.spoolIdentity ?? url,
    request: (lane, records) => exporter.request(lane, records),
    outcome: (lane, records, response) => exporter.outcome(lane, records, response),
  };
}

async function makeInner(url: string, options: unknown, context: ExporterContext): Promise<Exporter> {
  const module = await importByUrl<{ createExporter?: CreateExporter }>(url).catch((error) => {
    throw new Error(`the exporter ${url} cannot be loaded: ${whyNotLoaded(url, error)}`);
  });
  if (typeof module.createExporter !== 'function') {
    throw new TypeError(`exporter ${url} must export a function createExporter`);
  }
  const exporter = await module.createExporter(options, context);
  if (typeof exporter?.encode !== 'function' && typeof exporter?.encodeBytes !== 'function') {
    throw new TypeError(`exporter ${url} must have a function encode or encodeBytes`);
  }
  return exporter;
}
