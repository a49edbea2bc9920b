/** The worker's text, loaded where it is wanted: the package's files are on disk, and each import of it would take 4 ms. */
let text: string | undefined;

/** After this the text is there. */
export async function loadWorkerText(): Promise<void> {
  text ??= (await import('./worker-text.js')).WORKER_TEXT;
}

export function workerText(): string | undefined {
  return text;
}
