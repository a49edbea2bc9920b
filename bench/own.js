/**
 * Our own figures, `npm run bench`: what handing an event over costs the application's thread, next to what nobody can
 * go below and to what turning the same payload into JSON would cost.
 *
 * Every event is delivered to a server in another process while the benchmark runs. Between rounds the ring drains,
 * outside the measured time, so that a refused event, which would be cheaper, is never measured: the run fails if
 * one was.
 */
import { startSink } from './harness/sink-client.js';
import { measureClient } from './own/client.js';
import { measurePush } from './own/push.js';
import { printTable } from './report/terminal.js';

const sink = await startSink();
const counts = [];
for (const [title, measure] of [
  ['push() of the engine: an event whose payload fields make up its size together', measurePush],
  ['The client: generation(…).end(…), with two payload fields of the size each', measureClient],
]) {
  const { rows, ...events } = await measure(sink.url);
  console.log(`\n${title}`);
  printTable([Object.keys(rows[0]), ...rows.map((row) => Object.values(row).map(String))]);
  counts.push(events);
  console.log(
    `events: ${events.accepted} accepted, ${events.sent} delivered, ${events.dropped.total} dropped`,
  );
}
sink.stop();
if (counts.some(({ accepted, sent, dropped }) => dropped.total > 0 || sent !== accepted))
  process.exitCode = 1;
