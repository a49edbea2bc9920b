/**
 * Reports failed records to the application, in an order that keeps "reported" equal to "counted" whenever the worker dies:
 *
 *   1. the number of the notice (REPORTING)      3. the notice is posted
 *   2. IS_FAILED on each record                4. IS_REPORTED on each record
 *
 * The producer writes the number of the last notice that it received (REPORT_RECEIVED). So a successor knows which records have failed
 * for good, and counts them without another notice. Records of a notice that was never posted are pending again.
 */

import type { ErrorMessage } from '../../messages/message.js';
import { IS_FAILED, IS_REPORTED, REPORTING } from '../../shared/ring/ring-layout.js';
import { isUnreleased, type Ledger, positionOf } from '../intake/ledger.js';
import type { Notices } from '../notices.js';
import { mark } from '../recovery/record-marks.js';

/** `numbers`: the records that are on the ring; `events`: with those that are not. */
export function reportFailed(
  { ledger, notices }: { readonly ledger: Ledger; readonly notices: Notices },
  numbers: readonly number[],
  message: ErrorMessage,
  events: number = numbers.length,
): void {
  const { memory } = ledger;
  const positions = numbers
    .filter((number) => isUnreleased(ledger, number))
    .map((number) => positionOf(ledger, number));
  const number = nextNotice(ledger);
  Atomics.store(memory.words, REPORTING, number);
  for (const position of positions) mark(memory, position, IS_FAILED);
  notices.error(message, events, number);
  for (const position of positions) mark(memory, position, IS_REPORTED);
}

/** The number that the next notice will have. */
export function nextNotice({ memory: { words } }: Ledger): number {
  return ((words[REPORTING] as number) + 1) | 0;
}
