/** Masks and redacts tracing records before an exporter of the application gets them. */

import { createReviser } from '../revision/revision.js';
import { createMaskingRevisions } from '../revision/revisions.js';
import { withholdPayloads } from '../revision/withheld.js';
import type { EncodedRecord, Exporter, ExporterContext } from '../shared/contract/exporter.js';
import type { MaskedExporterOptions } from '../shared/contract/redaction.js';

export async function maskExporter(
  exporter: Exporter,
  { url, options: _, ...masking }: MaskedExporterOptions,
  context: ExporterContext,
): Promise<Exporter> {
  const revise = createReviser(await createMaskingRevisions(masking, context), context.decode);
  const encode = (event: Buffer): EncodedRecord =>
    exporter.encodeBytes?.(event) ?? (exporter.encode?.(context.decode(event)) as EncodedRecord);
  const { measureBody, bodyBytes, request, outcome, endpoints, refusal, payload, deliver, close } = exporter;
  return {
    encodeBytes: (event) => encode(revise(event).event),
    encodeWithheld(event) {
      const withheld = withholdPayloads(event);
      return exporter.encodeWithheld?.(withheld) ?? encode(withheld);
    },
    ...(bodyBytes && { bodyBytes: bodyBytes.bind(exporter) }),
    ...(measureBody && { measureBody: measureBody.bind(exporter) }),
    ...(exporter.maxBodyBytes && { maxBodyBytes: exporter.maxBodyBytes }),
    spoolIdentity: exporter.spoolIdentity ?? url,
    ...(request && { request: request.bind(exporter) }),
    ...(outcome && { outcome: outcome.bind(exporter) }),
    ...(endpoints && { endpoints: endpoints.bind(exporter) }),
    ...(refusal && { refusal: refusal.bind(exporter) }),
    ...(payload && { payload: payload.bind(exporter) }),
    ...(deliver && { deliver: deliver.bind(exporter) }),
    ...(close && { close: close.bind(exporter) }),
  };
}
