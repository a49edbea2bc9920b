/**
 * The text of the worker's file, put here by the build. Loaded where an application's bundler has left the file behind, as
 * each import of it takes 4 ms.
 */
export const WORKER_TEXT = '';
