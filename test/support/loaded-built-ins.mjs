/** `node loaded-built-ins.mjs import|require`: loads tailrace, and prints each module of Node.js that is loaded for it, one a line. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
// What Node.js itself needs to load any module.
await import('data:text/javascript,');

const before = new Set(process.moduleLoadList);
if (process.argv[2] === 'import') await import('tailrace');
else require('tailrace');
const loaded = process.moduleLoadList.filter((name) => !before.has(name));
console.log(loaded.map((name) => name.replace('NativeModule ', '')).join('\n'));
