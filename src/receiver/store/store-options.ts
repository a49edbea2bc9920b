/** What a store is opened with, whatever keeps the rows. */

import type { PriceOverride } from '../../shared/contract/prices.js';
import type { Changes } from './changes.js';

export interface EvictionOptions {
  /** Of what is stored; a log of the last writes may come on top. Undefined: no bound. */
  readonly maxBytes?: number | undefined;
  /** Since the arrival. Undefined: for ever. */
  readonly retentionMs?: number | undefined;
}

export interface StoreOptions extends EvictionOptions {
  /** A store that writes on a processor may do so in a thread of its own, so that it delays no answer. @default false */
  readonly writesInThread?: boolean | undefined;
  /** Take precedence over the price list. */
  readonly prices?: readonly PriceOverride[] | undefined;
  /** Called with the changes that a commit has stored. */
  readonly onCommit?: ((changes: readonly Changes[]) => void) | undefined;
  /** Called with the traces whose observations have been estimated. */
  readonly onEstimate?: ((traceIds: readonly string[]) => void) | undefined;
  /** Called with the reason if a commit failed. */
  readonly onFailure?: ((message: string) => void) | undefined;
  /** @default process.emitWarning */
  readonly onWarning?: ((message: string) => void) | undefined;
}
