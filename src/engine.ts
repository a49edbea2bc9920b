/** Public entry `tailrace/engine`: hands any event from this thread to a worker that delivers it. */
import { type Engine, startEngine } from './producer/engine.js';
import { createNotifier } from './producer/notifier.js';
import type { EngineInput } from './shared/options.js';

export type { Engine } from './producer/engine.js';
export type { EngineListeners } from './producer/notifier.js';
export type { Counts, DropReason, FlushResult } from './shared/counts.js';
export type {
  CreateExporter,
  EncodedRecord,
  Exporter,
  ExporterContext,
  ExportOutcome,
  ExportRequest,
  ExportResponse,
  RefusedRecord,
  TlsIdentity,
} from './shared/exporter.js';
export type { EngineInput, ExporterSource } from './shared/options.js';

/**
 * Creates an engine. Returns at once; the worker starts behind it.
 *
 * @example
 * const engine = createEngine({ exporter: { url: new URL('./my-exporter.js', import.meta.url) } });
 * engine.push({ any: 'value' });
 * await engine.shutdown();
 *
 * @throws TypeError when `exporter` is missing. Other options that cannot be used are replaced by their defaults
 * and named in a warning.
 */
export function createEngine(input: EngineInput): Engine {
  return startEngine(input, createNotifier());
}
