/** What becomes of the last exports that a page has begun: a browser shows a page neither the stream that it saves nor its trailer. */

import type { ExportState } from '../../../viewer/data/transfer.js';
import type { Store } from '../../store/contract.js';

/** Reads the present state. */
type ReadState = () => ExportState;

const MAX_KEPT = 100;
const keptOf = new WeakMap<Store, Map<string, ReadState>>();

/** `key`: a page's own name of the export. */
export function keepExportState(store: Store, key: string, read: ReadState): void {
  const kept = keptOf.get(store) ?? new Map<string, ReadState>();
  keptOf.set(store, kept);
  kept.set(key, read);
  for (const oldest of kept.keys()) {
    if (kept.size <= MAX_KEPT) return;
    kept.delete(oldest);
  }
}

/** Undefined: no export of this name has begun, or many have since. */
export function exportState(store: Store, key: string): ExportState | undefined {
  return keptOf.get(store)?.get(key)?.();
}
