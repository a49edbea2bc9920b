/** A receiver in a process of its own, which says by its own clock how long its event loop has stood still. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startReceiver } from '../../dist/receiver/receiver.js';

const failures = [];
const delays = monitorEventLoopDelay({ resolution: 5 });
const receiver = await startReceiver({
  port: 0,
  strict: true,
  onFailure: (message) => failures.push(message),
});
delays.enable();

process.on('message', (question) => {
  const maxStallMs = Math.round(delays.max / 1e6);
  if (question === 'reset') delays.reset();
  process.send({ maxStallMs, failures, rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20) });
});
process.once('disconnect', () => process.exit());
process.send({ url: receiver.url });
