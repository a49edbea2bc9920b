/** Fake clocks and timers, as test frameworks have them: time stands still, and nothing that waits for it goes on. */
import { syncBuiltinESMExports } from 'node:module';
import { performance as nodePerformance } from 'node:perf_hooks';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';

const never = () => new Promise(() => {});
const handle = { ref: () => handle, unref: () => handle, hasRef: () => true, refresh: () => handle };

/** @param {readonly string[]} kept Names of those that stay as they are. */
export function fakeClocks(kept = []) {
  const start = Date.now();
  const fakes = { queueMicrotask: () => {} };
  for (const name of ['Timeout', 'Interval', 'Immediate']) {
    fakes[`set${name}`] = () => handle;
    fakes[`clear${name}`] = () => {};
    if (`set${name}` in timersPromises) timersPromises[`set${name}`] = never;
  }
  for (const name of Object.keys(fakes)) {
    if (kept.includes(name)) continue;
    globalThis[name] = fakes[name];
    if (name in timers) timers[name] = fakes[name];
  }
  for (const one of [performance, nodePerformance]) {
    Object.defineProperty(one, 'now', { value: () => 1000, configurable: true });
  }
  process.hrtime = Object.assign(() => [1, 0], { bigint: () => 1_000_000_000n });
  if (!kept.includes('nextTick')) process.nextTick = () => {};
  Date.now = () => start;
  AbortSignal.timeout = () => new AbortController().signal;
  syncBuiltinESMExports();
}
