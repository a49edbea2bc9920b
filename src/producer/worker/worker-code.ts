/** Finds the code of the worker: a file of the package, or a text where a bundler has left that file behind. */
import { fileURLToPath } from 'node:url';
import { workerText } from './worker-text-later.js';

// Not `new URL('…', import.meta.url)` in one expression: bundlers would copy that file under another name.
const here = import.meta.url;

let file: string | null | undefined;

/**
 * Path of the file, if it is there. In a bundle the text has precedence: CommonJS has no `import.meta.url`, and where webpack
 * inserts the package's path instead, the file may be of another version by now.
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

/** The first argument of `new Worker`, and its option `eval`. Undefined: there is no file, and the text has not been loaded. */
export function workerCode(): { readonly code: string; readonly eval: boolean } | undefined {
  const path = workerFile();
  if (path !== undefined) return { code: path, eval: false };
  const text = workerText();
  return text === undefined ? undefined : { code: text, eval: true };
}
