/** How an engine reaches the consumer of its ring: one of its own, or that of another thread's engine. */
import type { EngineHandle } from '../shared/contract/attachment.js';
import type { ExportNotice } from '../shared/contract/control.js';
import type { Counts } from '../shared/contract/counts.js';
import type { ExitParticipant } from './exit/exit-hooks.js';
import type { FlushWait } from './exit/flush-waits.js';

export interface ConsumerLink {
  /** Counts of all rings that this thread answers for. */
  stats(): Counts;
  /** Asks for everything accepted by now to be settled. Resolves when it has, or after `timeoutMs`. Never rejects. */
  flush(isLast: boolean, timeoutMs?: number): Promise<unknown>;
  /**
   * The same for a thread that blocks, in two steps, so that several engines are all asked before any is waited for. Undefined:
   * there is nobody to wait for.
   */
  beginFlushNow(): FlushWait | undefined;
  /** Before the last flush: those who push through this engine from other threads are to come to an end. */
  prepareClose(): Promise<void>;
  /** After the last flush: what is undelivered is spooled, or counted as failed. The consumer ends. */
  close(timeoutMs: number): Promise<void>;
  /** What this engine does at the end of its thread. `flush` is the engine's own. */
  atExit(flush: (timeoutMs: number) => Promise<unknown>): ExitParticipant;
  /** Whether no worker runs for this engine, nor may one be wanted by another thread. */
  isAtRest(): boolean;
  /** For other threads. */
  handle(): EngineHandle;
  debug(enabled: boolean): void;
  onExport(listener: (notice: ExportNotice) => void): void;
}

/** What is written at the end of a thread or client, before the last flush. */
export interface ExitWork {
  /** What has news, and is not going on. */
  writeQuiet(): void;
  /** What is still going on, as it stands. */
  writeAll(reason: string): void;
}
