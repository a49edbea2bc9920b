import { describe, expect, it } from 'vitest';
import { findDifferences, type Outcome, summarize } from '../../../../src/cli/demo/summary.js';
import { countObservation, countScore, createTally } from '../../../../src/cli/demo/tally.js';
import type { Complaint, StoredCounts, StoredUsage } from '../../../../src/receiver/receiver.js';

const nothing: StoredCounts = {
  traces: 0,
  observations: 0,
  observationsByType: {},
  scores: 0,
  scoreMeans: {},
};
const everything: StoredCounts = {
  traces: 1,
  observations: 3,
  observationsByType: { generation: 2, tool: 1 },
  scores: 3,
  scoreMeans: { reward: 1 / 3 },
};

const usage: StoredUsage = {
  generations: 2,
  tokens: { sum: 100, estimated: 2, unknown: 0 },
  cost: { sum: null, estimated: 0, unknown: 2 },
  prices: [],
  tokenizers: ['o200k_base'],
};

function outcome(changes: Partial<Outcome> = {}): Outcome {
  const tally = createTally();
  tally.traces = 1;
  for (const type of ['generation', 'tool', 'generation'] as const) countObservation(tally, type);
  for (const value of [0, 1, 0]) countScore(tally, { name: 'reward', value });
  return {
    tally,
    counts: {
      accepted: 7,
      sent: 7,
      failed: 0,
      dropped: { total: 0 },
      retried: 0,
      pending: 0,
      spooled: 0,
      recovered: 0,
      unrecovered: 0,
      truncated: 0,
      mediaFailed: 0,
      bytes: 1,
    },
    before: nothing,
    after: everything,
    usage,
    complaints: [],
    more: 0,
    tracingMs: 0.0707,
    durationMs: 12.345,
    skipped: 0,
    url: 'http://127.0.0.1:1',
    ...changes,
  };
}

describe('the summary', () => {
  it('has everything in numbers', () => {
    expect(summarize(outcome())).toEqual({
      traces: 1,
      observations: { total: 3, generation: 2, tool: 1 },
      scores: { count: 3, mean: { reward: 0.3333 } },
      sent: 7,
      failed: 0,
      dropped: 0,
      durationMs: 12.3,
      mainThreadMicrosPerEvent: 10.1,
      warm: null,
      stored: { traces: 1, observations: 3, scores: 3 },
      usage,
      complaints: 0,
      skipped: 0,
      url: 'http://127.0.0.1:1',
    });
  });

  it('counts as stored what this run has added', () => {
    const { stored } = summarize(
      outcome({ before: { ...nothing, traces: 5 }, after: { ...everything, traces: 6 } }),
    );
    expect(stored.traces).toBe(1);
  });
});

describe('the differences', () => {
  it('are none when the receiver holds just what was traced', () => {
    expect(findDifferences(outcome())).toEqual([]);
  });

  it.each<[string, Partial<StoredCounts>]>([
    ['traces: 1 traced, 2 stored', { traces: 2 }],
    ['observations of type tool: 1 traced, 0 stored', { observationsByType: { generation: 2 } }],
    [
      'observations of type span: 0 traced, 1 stored',
      { observationsByType: { generation: 2, tool: 1, span: 1 } },
    ],
    ['scores: 3 traced, 2 stored', { scores: 2 }],
    ['mean of the scores reward: 0.333333333 traced, 0.5 stored', { scoreMeans: { reward: 0.5 } }],
    ['mean of the scores reward: 0.333333333 traced, NaN stored', { scoreMeans: {} }],
  ])('name %s', (difference, changes) => {
    expect(findDifferences(outcome({ after: { ...everything, ...changes } }))).toEqual([difference]);
  });

  it('name each complaint, and count those beyond the twentieth', () => {
    const complaint = (observationId: string | null): Complaint => ({
      id: String(observationId),
      timestamp: '2026-01-01T00:00:00.000Z',
      code: 'level-unknown',
      severity: 'changed',
      traceId: 't1',
      observationId,
      field: 'level',
      message: 'level must be DEBUG, DEFAULT, WARNING or ERROR, but got "LOUD"',
    });
    const line = 'level must be DEBUG, DEFAULT, WARNING or ERROR, but got "LOUD"';
    expect(findDifferences(outcome({ complaints: [complaint('o1'), complaint(null)] }))).toEqual([
      `changed (level-unknown) in t1/o1: ${line}`,
      `changed (level-unknown) in t1: ${line}`,
    ]);
    const many = outcome({
      complaints: Array.from({ length: 25 }, (_, index) => complaint(`o${index}`)),
      more: 7,
    });
    expect(findDifferences(many)).toHaveLength(21);
    expect(findDifferences(many).at(-1)).toBe('more complaints: 12');
    expect(summarize(many).complaints).toBe(32);
  });

  it('name what failed, was dropped or skipped', () => {
    const counts = { ...outcome().counts, failed: 2, dropped: { total: 1, 'ring-full': 1 } };
    expect(findDifferences(outcome({ counts, skipped: 4 }))).toEqual([
      'events that failed: 2',
      'events that were dropped: 1',
      'lines that were skipped: 4',
    ]);
  });
});
