/** Says once that an exporter of the application's own gets media where they stand: nobody uploads them for it. */

import { message } from '../messages/message.js';
import type { FinishedSpan } from '../records/finished-span.js';
import { payloadPlace } from '../records/span-payloads.js';
import type { DiagNotifier } from './diag-notifier.js';

const MARK = ';base64,';

/** To be called with each span, until it has been said. */
export function createInlineMediaNotice(notifier: DiagNotifier): (span: FinishedSpan) => void {
  let isTold = false;
  return (span) => {
    if (isTold || !holdsMedia(span)) return;
    isTold = true;
    notifier.warnOnce(message('TAILRACE_MEDIA_INLINE'));
  };
}

function holdsMedia({ attributes }: FinishedSpan): boolean {
  return Object.entries(attributes).some(
    ([key, value]) => typeof value === 'string' && value.includes(MARK) && payloadPlace(key) !== undefined,
  );
}
