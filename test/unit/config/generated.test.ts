/** The files that are made from the option table say what it says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/client-config.js';
import { COMMAND, renderAll } from '../../../src/config/render.js';
import type { OptionRow } from '../../../src/config/table/row.js';
import { OPTIONS, optionsOf } from '../../../src/config/table/table.js';

const SRC = join(import.meta.dirname, '../../../src');
const ENTRIES = ['client', 'engine', 'processor'] as const;

describe('what is made from the option table', () => {
  it.each(Object.entries(renderAll(SRC)))(`%s is up to date (else: ${COMMAND})`, (file, text) => {
    const isSame = readFileSync(join(SRC, file), 'utf8') === text;
    expect(isSame, `src/${file} differs from the option table: run ${COMMAND}`).toBe(true);
  });
});

describe('the option table', () => {
  const all = ENTRIES.flatMap((entry) =>
    [...optionsOf(entry)].map(([name, facts]) => [`${entry}.${name}`, facts] as const),
  );

  it.each(all)('%s: documented, with bounds and a default that is within them', (_, facts) => {
    expect(facts.doc).toMatch(/^[^|]{8,}\.$/);
    if (facts.form === 'choice') expect(facts.choices?.length).toBeGreaterThan(1);
    if (facts.form === 'flag') expect(facts.default).toBeTypeOf('boolean');
    if (facts.form === 'other') expect(facts.type).toBeDefined();
    if (!['number', 'integer', 'seconds'].includes(facts.form)) return;
    expect(facts.min).toBeDefined();
    if (typeof facts.default !== 'number') return;
    expect(facts.default).toBeGreaterThanOrEqual(facts.min as number);
    expect(facts.default).toBeLessThanOrEqual(facts.max ?? Number.POSITIVE_INFINITY);
  });

  it('has each option for somebody', () => {
    for (const [name, row] of Object.entries(OPTIONS) as [string, OptionRow][])
      expect(
        ENTRIES.some((entry) => row[entry] !== undefined),
        name,
      ).toBe(true);
  });

  it('names a variable only where it is read: by a client, and not by an engine', () => {
    const read = new Set<string | symbol>();
    const env = new Proxy({}, { get: (_, name) => void read.add(name) });
    resolveConfig({ publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' }, env, '0.0.0');
    resolveConfig({}, env, '0.0.0');
    const documented = [...optionsOf('client')].flatMap(([, { env: names = [] }]) => names);
    expect(documented.length).toBeGreaterThan(10);
    expect(documented.filter((name) => !read.has(name))).toEqual([]);
    expect([...optionsOf('engine')].filter(([, facts]) => facts.env !== undefined)).toEqual([]);
  });

  it('names durations by their unit: milliseconds end in Ms, the seconds of Langfuse do not', () => {
    const wrong = all.filter(
      ([name, { unit, deprecated }]) =>
        (unit === 'ms') !== name.endsWith('Ms') && unit !== undefined && unit !== 'bytes' && !deprecated,
    );
    expect(wrong.map(([name]) => name)).toEqual([]);
    expect(all.filter(([name, { unit }]) => unit === 'bytes' && !name.endsWith('Bytes'))).toEqual([]);
  });
});
