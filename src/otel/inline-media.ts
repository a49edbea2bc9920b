/** Says once that an exporter of the application's own gets media where they stand: nobody uploads them for it. */

import type { FinishedSpan } from '../records/finished-span.js';
import { locatePayload } from '../records/payload-attributes.js';
import type { DiagNotifier } from './diag-notifier.js';

const MARK = ';base64,';

/** To be called with each span, until it has been said. */
export function createInlineMediaNotice(notifier: DiagNotifier): (span: FinishedSpan) => void {
  let isTold = false;
  return (span) => {
    if (isTold || !holdsMedia(span)) return;
    isTold = true;
    notifier.warnOnce(
      'media',
      'spans hold media as base64, and an exporter of your own gets them inline: only for a Langfuse server are they uploaded. mediaUploadEnabled: false keeps this quiet',
    );
  };
}

function holdsMedia({ attributes }: FinishedSpan): boolean {
  return Object.entries(attributes).some(
    ([key, value]) => typeof value === 'string' && value.includes(MARK) && locatePayload(key) !== undefined,
  );
}
