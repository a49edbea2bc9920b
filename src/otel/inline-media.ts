/** Warns once that an exporter of the application gets media inline, as they are uploaded only to a Langfuse server. */

import { message } from '../messages/message.js';
import type { FinishedSpan } from '../records/finished-span.js';
import { locatePayload } from '../records/payload-attributes.js';
import type { DiagNotifier } from './diag-notifier.js';

const MARK = ';base64,';

/** Returns a function to be called with each span. */
export function createInlineMediaNotice(notifier: DiagNotifier): (span: FinishedSpan) => void {
  let hasWarned = false;
  return (span) => {
    if (hasWarned || !holdsMedia(span)) return;
    hasWarned = true;
    notifier.warnOnce(message('TAILRACE_MEDIA_INLINE'));
  };
}

function holdsMedia({ attributes }: FinishedSpan): boolean {
  return Object.entries(attributes).some(
    ([key, value]) => typeof value === 'string' && value.includes(MARK) && locatePayload(key) !== undefined,
  );
}
