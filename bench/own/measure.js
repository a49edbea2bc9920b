/** tinybench, with the tasks of a row run in turns and a drain before each round. */
import { Bench } from 'tinybench';
import { median } from '../harness/statistics.js';

/** Turns of all tasks of a row. */
const TURNS = 3;
const TIME_MS = 100;
const WARMUP_MS = 50;

/**
 * @param {Record<string, {once: (i: number) => void, drain?: () => Promise<unknown>}>} tasks
 * @param {number} round calls between two drains: no more than the ring holds
 * @returns {Promise<{nanos: Record<string, number>, ratio: (a: string, b: string) => number}>} nanoseconds per call,
 * and ratios of two tasks: the median of the turns each
 */
export async function measureInTurns(tasks, round) {
  const turns = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const bench = new Bench({ time: TIME_MS, iterations: 10, warmupTime: WARMUP_MS, warmupIterations: 5 });
    for (const [name, { once, drain }] of Object.entries(tasks)) {
      const calls = () => {
        for (let i = 0; i < round; i++) once(i);
      };
      bench.add(name, calls, drain === undefined ? {} : { async: false, beforeEach: drain });
    }
    await bench.run();
    turns.push(
      Object.fromEntries(bench.tasks.map(({ name, result }) => [name, (result.latency.p50 * 1e6) / round])),
    );
  }
  return {
    nanos: Object.fromEntries(
      Object.keys(tasks).map((name) => [name, median(turns.map((turn) => turn[name]))]),
    ),
    ratio: (a, b) => median(turns.map((turn) => turn[a] / turn[b])),
  };
}
