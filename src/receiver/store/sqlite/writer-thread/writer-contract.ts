/** What writer-thread.ts calls in writer-worker.ts. */

import type { StoreOptions } from '../../store-options.js';
import type { Writer } from '../write/writer.js';

export type WriterThread = {
  start(path: string, options: Pick<StoreOptions, 'maxBytes' | 'retentionMs' | 'prices'>): Promise<void>;
} & Writer;

export type WriterNotice =
  | { kind: 'estimate'; traceIds: readonly string[] }
  | { kind: 'failure' | 'warning'; message: string };
