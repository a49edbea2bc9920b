/** How much is run: all of it, enough to see the picture (--quick), or enough to see that it works (--smoke). */

/** Events of a paced run, by the bytes of a field. A second at the pace of workloads.js. */
const FULL_EVENTS = { 300: 10_000, 2000: 10_000, 20000: 1_000, 200000: 100 };
/**
 * A service runs for days, so what is measured comes after V8 has optimised what is hot, in all threads (a second's
 * work), and after the first lap of tailrace's ring of 16 MiB, which pays for page faults.
 */
const FULL_WARMUP = { 300: 10_000, 2000: 10_000, 20000: 1_000, 200000: 100 };
/** Recorded conversations; six times all of them, as their shapes differ and V8 takes longer to know them. */
const CONVERSATION_EVENTS = 642;

const shares = (table, share) => (bytes) =>
  Math.max(20, Math.floor((bytes === undefined ? CONVERSATION_EVENTS * 6 : table[bytes]) * share));

/** Every delivered event is waited for so long; what has not come then counts as lost. */
const DEADLINE_MS = 15_000;

const full = {
  rounds: { paced: 3, saturating: 2, burst: 2, flush: 2, startup: 5, rest: 2 },
  workloads: undefined,
  events: shares(FULL_EVENTS, 1),
  warmupEvents: shares(FULL_WARMUP, 1),
  saturating: { workloads: ['2KB-english'], events: 10_000 },
  burst: { workload: '300B-english', events: 100_000, warmupEvents: 2_000, timeoutMs: 45_000 },
  flush: { workload: '2KB-english', warmupEvents: 5, cases: { 0: 60, 20: 30 } },
  startup: { workload: '2KB-english' },
  rest: { workload: '2KB-english', restMs: 2_000 },
  rate: { workload: '2KB-english', warmupEvents: 2_000, durationMs: 1_200, graceMs: 400, steps: 6 },
  rateBounds: [250, 64_000],
  stallMs: 1_000,
  deadlineMs: DEADLINE_MS,
  timeoutMs: 60_000,
};

const quick = {
  ...full,
  rounds: { paced: 2, saturating: 1, burst: 1, flush: 1, startup: 3, rest: 1 },
  workloads: ['300B-english', '2KB-english', '2KB-cjk', '20KB-english', '200KB-english', 'agent-runs'],
  events: shares(FULL_EVENTS, 0.5),
  saturating: { workloads: ['2KB-english'], events: 5_000 },
  flush: { workload: '2KB-english', warmupEvents: 5, cases: { 0: 40 } },
  rate: { ...full.rate, warmupEvents: 1_000, durationMs: 1_000, steps: 5 },
};

const smoke = {
  ...quick,
  rounds: { paced: 1, saturating: 1, burst: 1, flush: 1, startup: 1, rest: 1 },
  workloads: ['300B-english'],
  events: () => 200,
  warmupEvents: () => 20,
  saturating: { workloads: ['2KB-cjk'], events: 200 },
  burst: { workload: '300B-english', events: 500, warmupEvents: 20 },
  flush: { workload: '2KB-english', warmupEvents: 1, cases: { 0: 3 } },
  rest: { workload: '2KB-english', restMs: 100 },
  rate: { workload: '300B-english', warmupEvents: 20, durationMs: 200, graceMs: 5_000, steps: 1 },
  // The one rate that is tried lies between them, and is low enough for any machine.
  rateBounds: [400, 600],
  stallMs: 3_000,
};

export const settings = { full, quick, smoke };
