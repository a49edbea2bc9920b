/** An engine's options, with every default filled in. Made by `npm run options` from the option table (src/config/table/): change it there. */
import type { ProxySetting } from '../proxy-url.js';

export interface EngineOptions {
  readonly exporter: { readonly url: string; readonly options?: unknown };
  readonly proxy?: ProxySetting | undefined;
  readonly flushAt: number;
  readonly flushIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly retryWindowMs: number;
  readonly spoolDir?: string | undefined;
  readonly spool: 'failed' | 'always';
  readonly maxSpoolBytes: number;
  readonly maxBatchBytes: number;
  readonly maxInFlight: number;
  readonly compression: 'auto' | 'gzip' | 'none';
  readonly flushTimeoutMs: number;
  readonly flushAtExit: boolean;
  readonly exitTimeoutMs: number;
  readonly handleSignals: boolean;
  readonly worker: boolean | string;
  readonly workers: number;
  readonly workerIdleMs: number;
  readonly workerStuckMs: number;
  readonly resourceLimits?:
    | { maxOldGenerationSizeMb?: number | undefined; maxYoungGenerationSizeMb?: number | undefined }
    | undefined;
  readonly ringBytes: number;
  readonly sideLaneBytes: number;
}
