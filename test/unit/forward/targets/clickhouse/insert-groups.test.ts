/** Batches that share an insert: when they go, and what their attempts have in common. */
import { expect, it } from 'vitest';
import type { BatchRows } from '../../../../../src/forward/targets/clickhouse/batch-rows.js';
import { createInsertGroups } from '../../../../../src/forward/targets/clickhouse/insert-groups.js';
import type { ExportOutcome } from '../../../../../src/shared/contract/exporter.js';

const SUCCESS: ExportOutcome = { kind: 'success' };
const BUSY: ExportOutcome = { kind: 'retryable', reason: 'busy' };
const never = new AbortController().signal;

const rowOf =
  (line: string, table: 'observations' | 'scores' = 'observations') =>
  (): BatchRows => ({
    rows: new Map([[table, [Buffer.from(line)]]]),
    bytes: line.length,
    refused: [],
  });

function later<T>(): { readonly promise: Promise<T>; resolve(value: T): void } {
  let resolve = (_value: T): void => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** `answers`: to the inserts, in their order; then success. */
function setUp(maxBatches: number, answers: (ExportOutcome | ((lines: string) => ExportOutcome))[] = []) {
  const inserts: string[] = [];
  const groups = createInsertGroups(async (table, rows) => {
    const lines = rows.map(String).join();
    inserts.push(`${table} ${lines}`);
    const answer = answers.shift() ?? SUCCESS;
    return typeof answer === 'function' ? answer(lines) : answer;
  }, maxBatches);
  return { groups, inserts };
}

it('makes one insert of each table, and answers all', async () => {
  const { groups, inserts } = setUp(3);
  const outcomes = await Promise.all([
    groups.insert({}, rowOf('a'), never),
    groups.insert({}, rowOf('s', 'scores'), never),
    groups.insert({}, rowOf('b'), never),
  ]);
  expect(outcomes).toEqual([SUCCESS, SUCCESS, SUCCESS]);
  expect(inserts).toEqual(['observations a,b', 'scores s']);
});

it('goes without others after a while', async () => {
  const { groups, inserts } = setUp(3);
  expect(await groups.insert({}, rowOf('a'), never)).toEqual(SUCCESS);
  expect(inserts).toEqual(['observations a']);
});

it('tries the same rows again, once for all of them', async () => {
  const { groups, inserts } = setUp(2, [BUSY]);
  const [one, two] = [{}, {}];
  const first = [groups.insert(one, rowOf('a'), never), groups.insert(two, rowOf('b'), never)];
  expect(await Promise.all(first)).toEqual([BUSY, BUSY]);
  // One of them is tried before the other, as a circuit breaker does it.
  expect(await groups.insert(two, rowOf('b'), never)).toEqual(SUCCESS);
  expect(await groups.insert(one, rowOf('a'), never)).toEqual(SUCCESS);
  expect(inserts).toEqual(['observations a,b', 'observations a,b']);
});

it('tries each by itself if the server refuses something in them', async () => {
  const refused: ExportOutcome = { kind: 'too-large', reason: 'cannot read a row (27)' };
  const judge = (lines: string): ExportOutcome => (lines.includes('bad') ? refused : SUCCESS);
  const { groups, inserts } = setUp(2, [judge, judge, judge]);
  const outcomes = await Promise.all([
    groups.insert({}, rowOf('bad'), never),
    groups.insert({}, rowOf('good'), never),
  ]);
  expect(outcomes).toEqual([refused, SUCCESS]);
  expect(inserts).toEqual(['observations bad,good', 'observations bad', 'observations good']);
});

it('lets one that is cut off go, and the others stay', async () => {
  const answer = later<ExportOutcome>();
  const begun = later<AbortSignal>();
  const groups = createInsertGroups((_table, _rows, signal) => {
    begun.resolve(signal);
    return answer.promise;
  }, 2);
  const one = new AbortController();
  const first = groups.insert({}, rowOf('a'), one.signal);
  const second = groups.insert({}, rowOf('b'), never);
  const signal = await begun.promise;
  one.abort();
  expect(await first).toMatchObject({ kind: 'retryable' });
  expect(signal.aborted).toBe(false);
  answer.resolve(SUCCESS);
  expect(await second).toEqual(SUCCESS);
});

it('ends an attempt for which nobody waits', async () => {
  const begun = later<AbortSignal>();
  const groups = createInsertGroups((_table, _rows, signal) => {
    begun.resolve(signal);
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(BUSY)));
  }, 1);
  const closing = new AbortController();
  const insert = groups.insert({}, rowOf('a'), closing.signal);
  const signal = await begun.promise;
  closing.abort();
  expect(await insert).toMatchObject({ kind: 'retryable' });
  expect(signal.aborted).toBe(true);
});
