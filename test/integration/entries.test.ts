/** What each entry loads, and how large it is. */
import { expect, it } from 'vitest';
import { measureSizes, sizesTable, writtenSizes } from '../support/entry-sizes.js';
import { REPOSITORY } from '../support/programs.js';
import { runProgramFile } from '../support/receiving.js';

it.each([
  ['tailrace', ['index.js', 'shared.js']],
  ['tailrace/engine', ['engine.js', 'shared.js']],
  ['tailrace/otel', ['otel.js', 'shared.js', 'span-revision.js']],
  ['tailrace/langchain', ['langchain.js', 'index.js', 'shared.js']],
  ['tailrace/openai', ['openai.js', 'index.js', 'shared.js']],
  ['tailrace/ai-sdk', ['ai-sdk.js', 'index.js', 'shared.js']],
])('%s loads its own files alone, and no other package', async (entry, files) => {
  const found = await loaded(entry);
  expect(found.toSorted()).toEqual(files.map((file) => `dist/esm/${file}`).toSorted());
});

it.each(['import', 'require'])(
  '%s of tailrace loads no module of Node.js that the first calls do not need',
  async (how) => {
    const printed = await runProgramFile('test/support/loaded-built-ins.mjs', { args: [how] });
    const loaded = printed.trim().split('\n');
    const late = ['crypto', 'diagnostics_channel', 'fs/promises', 'net', 'worker_threads'];
    // An import of these modules as a whole evaluates each of their exports: parsers of arguments and MIME types, source maps.
    const exported = [
      'internal/util/parse_args/parse_args',
      'internal/mime',
      'internal/source_map/source_map',
    ];
    expect(loaded).toContain('perf_hooks');
    expect(loaded.filter((name) => late.includes(name) || exported.includes(name))).toEqual([]);
  },
);

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
