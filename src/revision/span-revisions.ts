/** The revisions of spans that options ask for. */
import type { RedactPlan } from '../shared/contract/redaction.js';
import type { MaskValue } from './masking.js';
import type { RevisionContext } from './revision.js';
import { createSpanMasking, createSpanRedaction, type SpanRevision } from './span-revision.js';

/** In the order in which they are applied. `mask`: the module's, which was loaded. */
export function createSpanRevisions(
  mask: MaskValue | undefined,
  redact: RedactPlan | undefined,
  context: RevisionContext,
): SpanRevision[] {
  return [
    ...(mask === undefined ? [] : [createSpanMasking(mask)]),
    ...(redact === undefined ? [] : [createSpanRedaction(redact, context)]),
  ];
}
