/**
 * The built-in exporter for Langfuse servers: observations as OTLP spans, or as classic events for older servers;
 * scores over the ingestion endpoint.
 */

import { createRevisions } from '../../revision/revisions.js';
import type { ExporterContext, HttpExporter } from '../../shared/contract/exporter.js';
import type { LangfuseExporterOptions } from '../../shared/langfuse-options.js';
import { mayHoldMedia } from '../encoding/media-search.js';
import { createLangfuseEncoding } from './encoding.js';
import { createLangfuseRequests, langfuseServer } from './requests.js';

export async function createExporter(options: unknown, context: ExporterContext): Promise<HttpExporter> {
  const given = options as LangfuseExporterOptions;
  const server = langfuseServer(given);
  const { base, publicKey } = server;
  const revisions = await createRevisions(given, server, context, mayHoldMedia);
  const { encoding, ...bodies } = createLangfuseEncoding(given, revisions, context);
  return {
    ...encoding,
    spoolIdentity: `langfuse/1 ${base} ${publicKey}`,
    ...createLangfuseRequests(server, bodies, context),
  };
}
