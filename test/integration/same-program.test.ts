/** One program by Langfuse's clients and by tailrace: all that is stored is the same, or src/tracing/from-langfuse.md says why not. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Difference, differencesOf, matcher } from '../support/same-program/differences.js';
import {
  type ComparedClient,
  explained,
  markdownTable,
  OWN_COMPLAINTS,
} from '../support/same-program/explained.js';
import { startLangfuse3 } from '../support/same-program/langfuse-3.js';
import { startLangfuse5 } from '../support/same-program/langfuse-5.js';
import { createProgram } from '../support/same-program/program.js';
import { type Outcome, runProgram } from '../support/same-program/run.js';
import type { StartClient } from '../support/same-program/steps.js';
import { startTailrace } from '../support/same-program/tailrace.js';
import { startTailraceFunctions } from '../support/same-program/tailrace-functions.js';

const clients: [ComparedClient, StartClient][] = [
  ['langfuse 3', startLangfuse3],
  ['langfuse 5', startLangfuse5],
  ['ingestion', startTailrace('ingestion')],
  ['functions', startTailraceFunctions],
];

let ours: Outcome;
beforeAll(async () => {
  // Langfuse's clients write there what they cannot do.
  for (const method of ['log', 'warn', 'error'] as const)
    vi.spyOn(console, method).mockImplementation(() => {});
  ours = await runProgram(startTailrace('otel'));
});
afterAll(() => vi.restoreAllMocks());

it('is a program of more than 100 steps, of which tailrace can do all', () => {
  expect(createProgram().length).toBeGreaterThan(100);
  expect(ours.cannot).toEqual({});
  expect(Object.keys(ours.complaints).sort()).toEqual(OWN_COMPLAINTS);
});

describe.each(clients)('%s', (name, start) => {
  it('leaves the same as tailrace, but for what is explained', async () => {
    const differences = differencesOf(await runProgram(start), ours);
    const patterns = explained.flatMap(({ found }) => found[name] ?? []);
    const matchers = patterns.map((pattern) => ({ pattern, isOf: matcher(pattern) }));
    const matchesOf = ({ path }: Difference) => matchers.filter(({ isOf }) => isOf.test(path));
    const wrong = differences.filter((one) => matchesOf(one).length !== 1);
    expect(wrong.map((one) => ({ ...one, explained: matchesOf(one).map(({ pattern }) => pattern) }))).toEqual(
      [],
    );
    const unused = matchers.filter(({ isOf }) => !differences.some(({ path }) => isOf.test(path)));
    expect(unused.map(({ pattern }) => pattern)).toEqual([]);
  });
});

it('differs as src/tracing/from-langfuse.md says', () => {
  const guide = readFileSync(new URL('../../src/tracing/from-langfuse.md', import.meta.url), 'utf8');
  expect(guide).toContain(markdownTable());
});
