/** The interface by which an engine reaches the consumer of its ring: its own, or that of another thread's engine. */
import type { EngineHandle } from '../shared/contract/attachment.js';
import type { ExportNotice } from '../shared/contract/control.js';
import type { Counts } from '../shared/contract/counts.js';
import type { FlushWait } from './exit/blocking-wait.js';
import type { ExitParticipant } from './exit/exit-hooks.js';

export interface ConsumerLink {
  /** Counts of this engine's ring and of the attached rings that its consumer empties. */
  stats(): Counts;
  /** Asks for everything accepted by now to be settled. Resolves when it has, or after `timeoutMs`. Never rejects. */
  flush(isLast: boolean, timeoutMs?: number): Promise<unknown>;
  /**
   * The same for a thread that blocks, in two steps, so that several engines are all asked before any is waited for.
   * Undefined: there is no consumer to wait for.
   */
  beginFlushNow(): FlushWait | undefined;
  /** To be called before the last flush: ends the threads that push through this engine. */
  prepareClose(): Promise<void>;
  /** To be called after the last flush: spools what is undelivered, or counts it as failed, and ends the consumer. */
  close(timeoutMs: number): Promise<void>;
  /** What this engine does at the end of its thread. `flush` is the engine's own. */
  atExit(flush: (timeoutMs: number) => Promise<unknown>): ExitParticipant;
  /** Whether no worker runs for this engine, and no other thread may need one. */
  isIdle(): boolean;
  /** For other threads. */
  handle(): EngineHandle;
  debug(enabled: boolean): void;
  onExport(listener: (notice: ExportNotice) => void): void;
}

/** Work at the end of a thread or client, before the last flush. */
export interface ExitWork {
  /** Writes what has changed since it was last written, if nothing is going on in it. */
  writeQuiet(): void;
  /** Writes everything, also what is still going on, in its current state. */
  writeAll(reason: string): void;
}
