/** The state of a trace, which the store merges by the rules by which the spans of one body are merged (`ingest/trace-state.ts`). */
export * from '../../ingest/trace-state.js';
