import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { howToGetSqlite } from '../../../src/cli/missing-package.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailrace-sqlite-'));
  for (const [project, lock] of [
    ['npm', 'package-lock.json'],
    ['pnpm', 'pnpm-lock.yaml'],
    ['yarn', 'yarn.lock'],
    ['bun', 'bun.lock'],
  ] as const) {
    mkdirSync(join(folder, project));
    writeFileSync(join(folder, project, 'package.json'), '{}');
    writeFileSync(join(folder, project, lock), '');
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const INSIDE = 'node_modules/tailrace/dist/cli/missing-sqlite.js';
const line = (path: string, ...words: string[]) =>
  /^use a newer Node\.js, or run: (.*)$/.exec(howToGetSqlite(words, path))?.[1];

describe('how to get a SQLite', () => {
  it.each([
    [`/home/me/.npm/_npx/a4f8/${INSIDE}`],
    [`C:\\Users\\me\\npm-cache\\_npx\\a4f8\\${INSIDE.replaceAll('/', '\\')}`],
    [`/tmp/bunx-1000-tailrace@latest/${INSIDE}`],
  ])('for a run from %s is a run with both packages', (path) => {
    expect(line(path, 'dev', '--data', 'my traces')).toBe(
      'npx -p tailrace -p @photostructure/sqlite@1 tailrace dev --data "my traces"',
    );
  });

  it('for a run by pnpm dlx is one of pnpm', () => {
    const path = `/home/me/.cache/pnpm/dlx/ab12/cd34/node_modules/.pnpm/tailrace@0.1.0/${INSIDE}`;
    expect(line(path, 'demo')).toBe(
      'pnpm --package=tailrace --package=@photostructure/sqlite@1 dlx tailrace demo',
    );
  });

  it.each([
    ['npm', 'npm install @photostructure/sqlite@1'],
    ['pnpm', 'pnpm add @photostructure/sqlite@1'],
    ['yarn', 'yarn add @photostructure/sqlite@1'],
    ['bun', 'bun add @photostructure/sqlite@1'],
  ])('in a project of %s is its installation', (project, command) => {
    expect(line(join(folder, project, INSIDE), 'dev')).toBe(command);
  });

  it('where no project is, is the installation beside it', () => {
    expect(line(join(folder, 'lib', INSIDE), 'dev')).toBe('npm install -g @photostructure/sqlite@1');
  });
});
