/**
 * How large each entry is: its file, the same minified and compressed, and what a bundle of an application that has `tailrace`
 * grows by. `node test/support/entry-sizes.js --write` writes the table into src/integrations/README.md.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const GUIDE = join(REPOSITORY, 'src/integrations/README.md');
const ENTRIES = ['tailrace/langchain', 'tailrace/openai', 'tailrace/ai-sdk', 'tailrace/browser'];
const BEGIN = '<!-- sizes: node test/support/entry-sizes.js --write -->';
const END = '<!-- /sizes -->';

/** @returns {Promise<{entry: string, bytes: number, compressed: number, added: number}[]>} all in bytes */
export async function measureSizes() {
  // What Node.js loads, whatever the conditions of this process are.
  const { exports } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
  const folder = mkdtempSync(join(REPOSITORY, 'node_modules/.entry-sizes-'));
  try {
    const alone = await bundled(folder, ['tailrace']);
    const rows = [];
    for (const entry of ENTRIES) {
      const conditions = exports[entry.replace('tailrace', '.')];
      const file = readFileSync(join(REPOSITORY, (conditions.import ?? conditions.default).default));
      const minified = await bundled(folder, [entry], ['tailrace']);
      const isForPages = entry === 'tailrace/browser';
      const added = isForPages
        ? minified.byteLength
        : (await bundled(folder, ['tailrace', entry])).byteLength - alone.byteLength;
      rows.push({ entry, bytes: file.byteLength, compressed: gzipSync(minified).byteLength, added });
    }
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `outside`: entries that are left out of the bundle. */
async function bundled(folder, entries, outside = []) {
  const input = join(folder, 'program.mjs');
  writeFileSync(input, entries.map((entry) => `export * from ${JSON.stringify(entry)};`).join('\n'));
  const isOutside = (id) => id.startsWith('node:') || (outside.length > 0 && /(^|\/)index\.js$/.test(id));
  const bundle = await rolldown({ input, platform: 'node', external: isOutside, logLevel: 'silent' });
  const { output } = await bundle.generate({ minify: true, codeSplitting: false });
  await bundle.close();
  return Buffer.from(output.map(({ code = '' }) => code).join(''));
}

/** In KB of 1,000 bytes, rounded, so that not every change changes it. */
export function sizesTable(rows) {
  const kb = (bytes) => (bytes / 1000).toFixed(0);
  return [
    ['entry', 'file, KB', 'minified and gzip, KB', 'a minified bundle with `tailrace` grows by, KB'],
    ['---', '---:', '---:', '---:'],
    ...rows.map(({ entry, ...sizes }) => [
      `\`${entry}\``,
      kb(sizes.bytes),
      kb(sizes.compressed),
      kb(sizes.added),
    ]),
  ]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

/** The numbers of the guide's table, by entry. */
export function writtenSizes() {
  const [, table = ''] = readFileSync(GUIDE, 'utf8').split(BEGIN);
  const rows = table.split(END)[0].matchAll(/^\| `([^`]+)` \| (\d+) \| (\d+) \| (\d+) \|$/gm);
  return Array.from(rows, ([, entry, ...kb]) => ({ entry, kb: kb.map(Number) }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const table = sizesTable(await measureSizes());
  console.log(table);
  if (process.argv.includes('--write')) {
    const guide = readFileSync(GUIDE, 'utf8');
    const [before, rest] = guide.split(BEGIN);
    writeFileSync(GUIDE, `${before}${BEGIN}\n${table}\n${END}${rest.split(END)[1]}`);
  }
}
