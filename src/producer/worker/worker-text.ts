/** The text of the worker's file, put here by the build: where an application is bundled, the file is left behind. */
export const WORKER_TEXT = '';
