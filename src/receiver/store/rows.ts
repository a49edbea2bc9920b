/** The rows of the store: those that bodies become (`ingest/rows.ts`). */
export * from '../../ingest/rows.js';
