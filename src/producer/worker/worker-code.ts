/** Where the code of the worker is: in a file of the package, or, in a bundle, which leaves that behind, in a text. */
import { fileURLToPath } from 'node:url';
import { workerText } from './worker-text-later.js';

// Not `new URL('…', import.meta.url)` in one: bundlers take that for a file to be copied under another name.
const here = import.meta.url;

let file: string | null | undefined;

/**
 * Path of the file, if it is there. Bundled to CommonJS there is no `import.meta.url`; where webpack puts the package's address
 * in its place, the file may be of another version by now. So the text that a bundle carries goes first.
 */
export function workerFile(): string | undefined {
  if (workerText() !== undefined) return undefined;
  if (file === undefined) {
    try {
      const path = fileURLToPath(new URL('../worker.cjs', here));
      file = process.getBuiltinModule('node:fs').existsSync(path) ? path : null;
    } catch {
      file = null;
    }
  }
  return file ?? undefined;
}

/** What `new Worker` takes. Undefined: there is no file, and the text has not been loaded. */
export function workerCode(): { readonly code: string; readonly eval: boolean } | undefined {
  const path = workerFile();
  if (path !== undefined) return { code: path, eval: false };
  const text = workerText();
  return text === undefined ? undefined : { code: text, eval: true };
}
