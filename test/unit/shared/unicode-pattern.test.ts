/** Regular expressions with Unicode classes: made late, made once, and nowhere written as literals. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { unicodePattern } from '../../../src/shared/unicode-pattern.js';

const SRC = join(import.meta.dirname, '../../../src');
/** They run in processes of their own. */
const NOT_LOADED_BY_APPLICATIONS = /^(receiver|viewer|cli)[\\/]/;

it('makes the expression once, at the first call', () => {
  const wrong = unicodePattern('(', 'u');
  expect(wrong).toThrow(SyntaxError);
  const letters = unicodePattern(String.raw`\p{L}+`, 'gu');
  expect('äb, ç!'.match(letters())).toEqual(['äb', 'ç']);
  expect(letters()).toBe(letters());
});

it('no file that an application loads has one as a literal', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !NOT_LOADED_BY_APPLICATIONS.test(file),
  );
  const literals = files.flatMap((file) => {
    const code = readFileSync(join(SRC, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
    return code.split('\n').filter((line) => /\\p\{/i.test(line.replaceAll(/String\.raw`[^`]*`/g, '')));
  });
  expect(literals).toEqual([]);
});
