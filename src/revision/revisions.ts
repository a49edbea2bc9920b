/** Creates the revisions that the options of an exporter ask for. */

import type { ExporterContext } from '../shared/contract/exporter.js';
import type { PayloadOptions } from '../shared/contract/redaction.js';
import type { LangfuseExporterOptions } from '../shared/langfuse-options.js';
import { createMasking } from './masking.js';
import { createMediaRevision } from './media/revision.js';
import type { MediaServer } from './media/upload.js';
import { createUploadRule } from './media/upload-rule.js';
import { createRedaction } from './redact/revision.js';
import type { Revision } from './revision.js';

/** The server that events go to. */
interface RevisionServer extends Pick<MediaServer, 'headers' | 'secrets'> {
  readonly base: string;
}

/** In the order of application: nothing is uploaded before it is masked. `mayHoldMedia`: see media/detection. */
export async function createRevisions(
  {
    maskModule,
    redact,
    mediaUpload = true,
    allowedUploadHosts,
    estimateUsage,
    prices = [],
  }: LangfuseExporterOptions,
  { base, headers, secrets }: RevisionServer,
  context: ExporterContext,
  mayHoldMedia: (event: Buffer) => boolean,
): Promise<Revision[]> {
  const revisions = await createMaskingRevisions({ maskModule, redact }, context);
  const mediaServer = {
    url: `${base}/api/public/media`,
    headers,
    secrets,
    mayUpload: createUploadRule(base, allowedUploadHosts),
    send: context.send,
  };
  revisions.push(createMediaRevision({ upload: mediaUpload, mayHoldMedia }, mediaServer, context));
  if (estimateUsage) {
    const { createUsageRevisions } = await import('./usage-estimates.js');
    revisions.push(...createUsageRevisions(prices, context));
  }
  return revisions;
}

/** For exporters that have no server of Langfuse: media stay in the values, as there is nowhere to upload them to. */
export function createRevisionsWithoutServer(
  given: Omit<LangfuseExporterOptions, 'baseUrl' | 'publicKey' | 'secretKey'>,
  context: ExporterContext,
  mayHoldMedia: (event: Buffer) => boolean,
): Promise<Revision[]> {
  const options = { ...given, baseUrl: '', publicKey: '', secretKey: '', mediaUpload: false };
  return createRevisions(options, NO_SERVER, context, mayHoldMedia);
}

const NO_SERVER: RevisionServer = { base: 'http://localhost', headers: {}, secrets: [] };

/** Masking and redaction. */
export async function createMaskingRevisions(
  { maskModule, redact }: PayloadOptions,
  context: Pick<ExporterContext, 'warning'>,
): Promise<Revision[]> {
  const revisions: Revision[] = [];
  if (maskModule !== undefined) revisions.push(await createMasking(maskModule, context));
  if (redact !== undefined) revisions.push(createRedaction(redact, context));
  return revisions;
}
