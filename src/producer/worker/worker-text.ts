/** The worker's code as a text, for bundled applications, which leave the file behind. The build fills it in. */
export const WORKER_TEXT = '';
