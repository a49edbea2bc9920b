/** When a build counts as stale, so that no test runs against it. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

// Plain JavaScript, which the build runs as it is.
const { buildProblem, sourceDigest, writeStamp } = await import(
  new URL('../../../.build/build-stamp.js', import.meta.url).href
);

let root: string;

const write = (file: string, text = '') => writeFileSync(join(root, file), text);
const build = (): void => writeStamp(sourceDigest(root), root);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tailrace-stamp-'));
  mkdirSync(join(root, 'src/room'), { recursive: true });
  for (const folder of ['dist', '.build']) mkdirSync(join(root, folder));
  for (const file of [
    '.build/bundles.js',
    '.build/page.js',
    'tsconfig.build.json',
    'tsconfig.json',
    'package-lock.json',
  ])
    write(file);
  write('src/index.ts', 'export const one = 1;');
  write('src/room/part.ts');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('names the command where nothing has been built', () => {
  expect(buildProblem(root)).toMatch(/has not been built: run `npm run build`/);
});

it('has nothing to say of a build of these sources, whatever else changes', () => {
  build();
  write('src/index.ts', 'export const one = 1;');
  write('src/README.md', 'prose');
  expect(buildProblem(root)).toBeUndefined();
});

it.each([
  ['a file was edited', () => write('src/index.ts', 'export const one = 2;')],
  ['a file was added', () => write('src/room/new.ts')],
  ['a file was removed', () => rmSync(join(root, 'src/room/part.ts'))],
  ['a file was renamed', () => renameSync(join(root, 'src/room/part.ts'), join(root, 'src/room/other.ts'))],
  ['the configuration was edited', () => write('.build/bundles.js', 'export default [];')],
])('is stale when %s', (_, change) => {
  build();
  change();
  expect(buildProblem(root)).toMatch(/is older than src\/ .*: run `npm run build`/);
});

it('is stale when a file was edited while it was built', () => {
  const digest = sourceDigest(root);
  write('src/index.ts', 'export const one = 2;');
  writeStamp(digest, root);
  expect(buildProblem(root)).toMatch(/is older than src/);
});
