/** What each entry loads, and how large it is. */
import { expect, it } from 'vitest';
import { measureSizes, sizesTable, writtenSizes } from '../support/entry-sizes.js';
import { REPOSITORY } from '../support/programs.js';
import { runProgramFile } from '../support/receiving.js';

/** Files of dist/esm that all entries share. */
const SHARED = ['shared.js', 'rolldown-runtime.js'];

it.each([
  ['tailrace', ['index.js']],
  ['tailrace/engine', ['engine.js']],
  ['tailrace/otel', ['otel.js']],
  ['tailrace/langchain', ['langchain.js', 'index.js']],
  ['tailrace/openai', ['openai.js', 'index.js']],
  ['tailrace/ai-sdk', ['ai-sdk.js', 'index.js']],
])('%s loads its own files alone, and no other package', async (entry, files) => {
  const own = [...files, ...SHARED].map((file) => `dist/esm/${file}`);
  const found = await loaded(entry);
  expect(own).toEqual(expect.arrayContaining(found));
  expect(found).toContain(`dist/esm/${files[0]}`);
});

it('tailrace/browser is one file', async () => {
  expect(await loaded('tailrace/browser')).toEqual(['dist/web/browser.js']);
});

it('the guide has the sizes of the entries, to a tenth or 2 KB', async () => {
  const rows = await measureSizes();
  const written = writtenSizes();
  const isNear = (kb: number, bytes: number) => Math.abs(kb - bytes / 1000) <= Math.max(2, bytes / 10_000);
  const old = rows.filter(({ entry, bytes, compressed, added }) => {
    const [file = 0, gzip = 0, growth = 0] = written.find((one) => one.entry === entry)?.kb ?? [];
    return !(isNear(file, bytes) && isNear(gzip, compressed) && isNear(growth, added));
  });
  expect(old, `node test/support/entry-sizes.js --write makes it:\n${sizesTable(rows)}`).toEqual([]);
});

async function loaded(entry: string): Promise<string[]> {
  const printed = await runProgramFile('test/support/loaded-files.mjs', {
    args: [entry],
    nodeArguments: ['--disable-warning=DEP0205'],
  });
  return printed
    .trim()
    .split('\n')
    .map((url) => url.replace(new URL(`file://${REPOSITORY}`).href, ''));
}
