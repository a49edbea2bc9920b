/** What the README promises of ends, faults, the spool, messages and masks: each sentence names the tests that prove it. */
import { describe, expect, it } from 'vitest';
import { faultOf, reasonOf, sentencesOf, TABLE_ENTRIES, TABLE_SECTIONS } from '../support/promises.js';

/** Those that make promises on these subjects; all of their sentences count. */
const SECTIONS = [
  'At the end',
  'What must not leave the process',
  'Images, audio, files',
  'What it guarantees',
  'When the server is away for long',
  'When the server is in trouble',
  'How it tries again',
  'Messages',
];

const TABLE = 'test/support/promises.md';

describe.each(SECTIONS)('README.md, "%s"', (section) => {
  const sentences = sentencesOf(section);
  const entries = TABLE_ENTRIES.filter((entry) => entry.section === section);

  it('has each sentence in the table', () => {
    const named = new Set(entries.map(({ sentence }) => sentence));
    const missing = sentences.filter((sentence) => !named.has(sentence));
    expect(missing, `${TABLE} lacks these sentences: add each with the tests that prove it`).toEqual([]);
  });

  it('says what the table has', () => {
    const said = new Set(sentences);
    const gone = entries.map(({ sentence }) => sentence).filter((sentence) => !said.has(sentence));
    expect(gone, `README.md does not say this any more: look at it again in ${TABLE}`).toEqual([]);
  });

  it.each(entries)('$sentence', ({ proofs }) => {
    expect(proofs.length, `${TABLE} names no test that proves this`).toBeGreaterThan(0);
    const tests = proofs.filter((proof) => reasonOf(proof) === undefined);
    expect(tests.map(faultOf).filter((fault) => fault !== undefined)).toEqual([]);
  });
});

it('the table has no other sections', () => {
  expect(TABLE_SECTIONS).toEqual(SECTIONS);
});

it('few sentences promise nothing that a test could show', () => {
  const unproven = TABLE_ENTRIES.filter(({ proofs }) =>
    proofs.every((proof) => reasonOf(proof) !== undefined),
  );
  expect(unproven.length / TABLE_ENTRIES.length).toBeLessThan(0.1);
});
