/**
 * A receiver in a process of its own, which says how long its event loop has stood still: by its own monotonic clock, and
 * of that what it has computed itself, as a machine with other work makes everybody wait.
 */
import { startReceiver } from '../../dist/receiver/receiver.js';

const TICK_MS = 5;
const failures = [];
const receiver = await startReceiver({
  port: 0,
  strict: true,
  onFailure: (message) => failures.push(message),
});

let longest = { stallMs: 0, busyMs: 0 };
let last = now();
setInterval(() => {
  const next = now();
  const stallMs = next.wallMs - last.wallMs - TICK_MS;
  longest = {
    stallMs: Math.max(longest.stallMs, stallMs),
    busyMs: Math.max(longest.busyMs, Math.min(stallMs, next.cpuMs - last.cpuMs)),
  };
  last = next;
}, TICK_MS);

function now() {
  const { user, system } = process.cpuUsage();
  return { wallMs: performance.now(), cpuMs: (user + system) / 1000 };
}

process.on('message', (question) => {
  const { stallMs, busyMs } = longest;
  if (question === 'reset') longest = { stallMs: 0, busyMs: 0 };
  const maxRssMiB = Math.round(process.resourceUsage().maxRSS / 1024);
  process.send({ maxStallMs: Math.round(stallMs), maxBusyMs: Math.round(busyMs), failures, maxRssMiB });
});
process.once('disconnect', () => process.exit());
process.send({ url: receiver.url });
