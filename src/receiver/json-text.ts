/** JSON text, as what is read into the store is converted (`ingest/json-text.ts`). */
export * from '../ingest/json-text.js';
