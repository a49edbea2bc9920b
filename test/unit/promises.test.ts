/** The README and the guides promise something of ends, faults, the spool, messages and masks: tests prove each sentence. */
import { describe, expect, it } from 'vitest';
import { faultOf, reasonOf, sentencesOf, TABLE_ENTRIES, TABLE_SECTIONS } from '../support/promises.js';

/** The sections that make promises on these subjects, by guide; all of their sentences count. */
const SECTIONS: readonly (readonly [guide: string, heading: string])[] = [
  ['src/consumer/README.md', 'At the end'],
  ['src/tracing/README.md', 'What must not leave the process'],
  ['src/tracing/README.md', 'Images, audio, files'],
  ['src/consumer/README.md', 'What it guarantees'],
  ['src/consumer/README.md', 'When the server is away for long'],
  ['src/consumer/README.md', 'When the server is in trouble'],
  ['src/consumer/README.md', 'How it tries again'],
  ['src/consumer/README.md', 'Messages'],
  ['src/exporters/otlp/README.md', 'Several endpoints'],
  ['README.md', 'Guarantees'],
];

const TABLE = 'test/support/promises.md';

describe.each(SECTIONS)('%s, "%s"', (guide, section) => {
  const sentences = sentencesOf(guide, section);
  const entries = TABLE_ENTRIES.filter((entry) => entry.section === section);

  it('has each sentence in the table', () => {
    const named = new Set(entries.map(({ sentence }) => sentence));
    const missing = sentences.filter((sentence) => !named.has(sentence));
    expect(missing, `${TABLE} lacks these sentences: add each with the tests that prove it`).toEqual([]);
  });

  it('says what the table has', () => {
    const said = new Set(sentences);
    const gone = entries.map(({ sentence }) => sentence).filter((sentence) => !said.has(sentence));
    expect(gone, `${guide} does not say this any more: look at it again in ${TABLE}`).toEqual([]);
  });

  it.each(entries)('$sentence', ({ proofs }) => {
    expect(proofs.length, `${TABLE} names no test that proves this`).toBeGreaterThan(0);
    const tests = proofs.filter((proof) => reasonOf(proof) === undefined);
    expect(tests.map(faultOf).filter((fault) => fault !== undefined)).toEqual([]);
  });
});

it('the table has no other sections', () => {
  expect(TABLE_SECTIONS).toEqual(SECTIONS.map(([, heading]) => heading));
});

it('few sentences promise nothing that a test could show', () => {
  const unproven = TABLE_ENTRIES.filter(({ proofs }) =>
    proofs.every((proof) => reasonOf(proof) !== undefined),
  );
  expect(unproven.length / TABLE_ENTRIES.length).toBeLessThan(0.1);
});
