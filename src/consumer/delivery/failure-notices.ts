/**
 * Tells the application that records have failed, in an order by which what it is told is what is counted, whenever the
 * worker dies: the number of the notice, marks on the records, the notice, marks that say that it was posted. The producer
 * writes down the number of the last notice that it got (HEARD). So a successor knows which records have failed for good, and
 * counts them without a word; those of a notice that was never posted are pending again.
 */
import type { ErrorMessage } from '../../messages/message.js';
import { IS_FAILED, IS_TOLD, TELLING } from '../../shared/ring/ring-layout.js';
import { isUnreleased, type Ledger, positionOf } from '../intake/ledger.js';
import type { Notices } from '../notices.js';
import { mark } from '../recovery/marks.js';

/** `numbers`: of the records that are on the ring; `events`: with those that are not. */
export function tellFailed(
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
  Atomics.store(memory.words, TELLING, number);
  for (const position of positions) mark(memory, position, IS_FAILED);
  notices.error(message, events, number);
  for (const position of positions) mark(memory, position, IS_TOLD);
}

/** The number that the next notice will have. */
export function nextNotice({ memory: { words } }: Ledger): number {
  return ((words[TELLING] as number) + 1) | 0;
}
