/** Writes the files that are made from the option table. A script: `npm run options`. */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderAll } from './render.js';

const SRC = join(dirname(fileURLToPath(import.meta.url)), '..');

for (const [file, text] of Object.entries(renderAll(SRC))) writeFileSync(join(SRC, file), text);
