/** The result of a run in numbers: what was traced, delivered and stored. */
import type { Counts } from '../../index.js';
import type { Complaint, StoredCounts, StoredUsage } from '../../receiver/receiver.js';
import { scoreMeans, type Tally, totalEvents, totalObservations } from './tally.js';
import type { WarmCost } from './warm-cost.js';

/** The JSON that `--json` prints. */
export interface Summary {
  readonly traces: number;
  /** By type, and `total`. */
  readonly observations: { readonly total: number; readonly [type: string]: number };
  /** Means of numeric scores, by name; booleans count as 1 and 0. */
  readonly scores: { readonly count: number; readonly mean: Readonly<Record<string, number>> };
  readonly sent: number;
  readonly failed: number;
  readonly dropped: number;
  /** From the first tracing call until all was delivered. */
  readonly durationMs: number;
  /** Time of tracing on the application's thread in this run, per trace, observation and score. */
  readonly mainThreadMicrosPerEvent: number;
  /** The same after warm-up. Null: not measured, as the run was long enough, was interrupted, or cannot be repeated. */
  readonly warm: WarmCost | null;
  /** Rows that this run added to the receiver's store. */
  readonly stored: { readonly traces: number; readonly observations: number; readonly scores: number };
  /** Usage of all that is stored, in a folder also of earlier runs. */
  readonly usage: StoredUsage;
  /** How many complaints the receiver has about this run. */
  readonly complaints: number;
  /** Lines of the file that are not conversations. */
  readonly skipped: number;
  readonly url: string;
}

/** Further complaints are only counted. */
const MAX_COMPLAINT_LINES = 20;

/** The data of a finished run. */
export interface Outcome {
  readonly tally: Tally;
  readonly counts: Counts;
  /** The receiver's counts before and after the run: a store in a folder may contain earlier runs. */
  readonly before: StoredCounts;
  readonly after: StoredCounts;
  readonly usage: StoredUsage;
  /** Of this run. */
  readonly complaints: readonly Complaint[];
  /** Complaints that the receiver has counted but not kept. */
  readonly more: number;
  readonly tracingMs: number;
  readonly warm?: WarmCost | undefined;
  readonly durationMs: number;
  readonly skipped: number;
  readonly url: string;
}

export function summarize({ tally, counts, before, after, ...run }: Outcome): Summary {
  const means = Object.entries(scoreMeans(tally)).map(([name, mean]) => [name, round(mean, 4)] as const);
  const events = totalEvents(tally);
  return {
    traces: tally.traces,
    observations: { total: totalObservations(tally), ...tally.observations },
    scores: { count: tally.scores, mean: Object.fromEntries(means) },
    sent: counts.sent,
    failed: counts.failed,
    dropped: counts.dropped.total,
    durationMs: round(run.durationMs, 1),
    mainThreadMicrosPerEvent: events === 0 ? 0 : round((run.tracingMs * 1000) / events, 2),
    warm: run.warm === undefined ? null : rounded(run.warm),
    stored: {
      traces: after.traces - before.traces,
      observations: after.observations - before.observations,
      scores: after.scores - before.scores,
    },
    usage: run.usage,
    complaints: run.complaints.length + run.more,
    skipped: run.skipped,
    url: run.url,
  };
}

function rounded({ medianMicrosPerEvent, meanMicrosPerEvent, ...counts }: WarmCost): WarmCost {
  return {
    medianMicrosPerEvent: round(medianMicrosPerEvent, 2),
    meanMicrosPerEvent: round(meanMicrosPerEvent, 2),
    ...counts,
  };
}

/** All problems of a run, one sentence each. Empty: all that was traced is stored. */
export function findDifferences({
  tally,
  counts,
  before,
  after,
  skipped,
  complaints,
  more,
}: Outcome): string[] {
  const differences: string[] = [];
  const compare = (what: string, traced: number, stored: number) => {
    if (traced !== stored) differences.push(`${what}: ${traced} traced, ${stored} stored`);
  };
  const isZero = (what: string, count: number) => {
    if (count !== 0) differences.push(`${what}: ${count}`);
  };
  compare('traces', tally.traces, after.traces - before.traces);
  const types = new Set([...Object.keys(tally.observations), ...Object.keys(after.observationsByType)]);
  for (const type of types) {
    const traced = (tally.observations as Record<string, number>)[type] ?? 0;
    const stored = (after.observationsByType[type] ?? 0) - (before.observationsByType[type] ?? 0);
    compare(`observations of type ${type}`, traced, stored);
  }
  compare('scores', tally.scores, after.scores - before.scores);
  for (const [name, mean] of Object.entries(scoreMeans(tally))) {
    // Earlier runs may have scores of the same name: then the mean covers them too.
    if (before.scoreMeans[name] !== undefined) continue;
    compare(`mean of the scores ${name}`, round(mean, 9), round(after.scoreMeans[name] ?? Number.NaN, 9));
  }
  isZero('events that failed', counts.failed);
  isZero('events that were dropped', counts.dropped.total);
  isZero('lines that were skipped', skipped);
  for (const complaint of complaints.slice(0, MAX_COMPLAINT_LINES)) differences.push(lineOf(complaint));
  isZero('more complaints', Math.max(0, complaints.length - MAX_COMPLAINT_LINES) + more);
  return differences;
}

function lineOf({ severity, code, traceId, observationId, message }: Complaint): string {
  const location = [traceId, observationId].filter((id) => id !== null).join('/');
  return `${severity} (${code})${location && ` in ${location}`}: ${message}`;
}

export function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
