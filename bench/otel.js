/**
 * What a span costs the main thread above a processor that does nothing, ours next to OpenTelemetry's and Langfuse's:
 * `npm run bench:otel`. The same spans (ten attributes, two of them 2 KB, 10,000 a second) in a fresh process per
 * processor and round; the rounds are interleaved, what is printed is the median of each, and the most that was lost.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { installPeers } from './harness/install.js';
import { startSink } from './harness/sink-client.js';
import { medians } from './harness/statistics.js';
import { NOTHING, SUBJECTS } from './own/otel-subjects.js';
import { printTable } from './report/terminal.js';
import { subjectOf } from './subjects/registry.js';

const ROUNDS = 3;
const CHILD = fileURLToPath(new URL('./own/otel-child.js', import.meta.url));

installPeers([await subjectOf('otel-json')]);
const sink = await startSink();
const ids = Object.keys(SUBJECTS);
const results = new Map(ids.map((id) => [id, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const id of round % 2 === 0 ? ids : ids.toReversed()) {
    await sink.reset();
    const child = fork(CHILD, [id, sink.url], { execArgv: ['--expose-gc'] });
    const [figures] = await once(child, 'message');
    results.get(id).push(figures);
  }
}
sink.stop();

const nothing = medians(results.get(NOTHING));
const ours = medians(results.get(ids[1])).cpuMicros - nothing.cpuMicros;
const fixed = (value) => value.toFixed(1);
printTable([
  [
    '',
    'CPU of the main thread, µs/span',
    'above nothing',
    '× ours',
    'loop active, µs/span',
    'loop delay p99, ms',
    'lost',
  ],
  ...ids.map((id) => {
    const { cpuMicros, activeMicros, loopDelayP99Ms } = medians(results.get(id));
    const lost = Math.max(...results.get(id).map((figures) => figures.lost));
    const added = cpuMicros - nothing.cpuMicros;
    const ratio = id === NOTHING ? '' : fixed(added / ours);
    return [
      id,
      fixed(cpuMicros),
      fixed(added),
      ratio,
      fixed(activeMicros),
      fixed(loopDelayP99Ms),
      String(lost),
    ];
  }),
]);
