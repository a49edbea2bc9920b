/** The worker's code as a text, loaded only where the file is missing: importing it takes 4 ms. */
let text: string | undefined;

/** After this, `workerText()` returns the text. */
export async function loadWorkerText(): Promise<void> {
  text ??= (await import('./worker-text.js')).WORKER_TEXT;
}

export function workerText(): string | undefined {
  return text;
}
