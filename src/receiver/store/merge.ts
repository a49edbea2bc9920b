/** Merges metadata in the store by the rules by which the events of one body are merged (`ingest/merge.ts`). */
export * from '../../ingest/merge.js';
