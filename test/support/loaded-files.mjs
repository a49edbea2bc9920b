/** `node loaded-files.mjs SPECIFIER`: imports it, and prints the file of each module that is loaded for it, one a line. */
import { register } from 'node:module';

const hooks = `
  import { writeSync } from 'node:fs';
  export function load(url, context, next) {
    if (url.startsWith('file:')) writeSync(1, url + '\\n');
    return next(url, context);
  }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
await import(process.argv[2]);
