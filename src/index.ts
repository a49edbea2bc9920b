/** Public entry `tailrace`: the tracing client and its types. */
export type { Counts, DropReason, EngineListeners, FlushResult } from './engine.js';
export type { ObservationLevel, ObservationType, ScoreDataType } from './shared/records.js';
export type { PriceOverride } from './shared/usage-options.js';
export type {
  GenerationBody,
  ObservationBody,
  ScoreBody,
  ScoreByIdBody,
  Time,
  TraceBody,
} from './tracing/bodies.js';
export { Tailrace } from './tracing/client.js';
export type { TailraceOptions } from './tracing/config.js';
export type { Observation } from './tracing/observation.js';
export type { Trace } from './tracing/trace.js';
