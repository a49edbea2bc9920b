/**
 * What a service keeps of its throughput when it traces: `npm run bench:service`. A Fastify service with some 0.3 ms of work of its own for each
 * request, and a trace of six generations of recorded text, on one processor and on two; sink and load run on another one. A fresh process for
 * each tracer and round, in interleaved rounds; what is printed is the median.
 *
 *   npm run bench:service -- --subject nothing --subject tailrace --rounds 5 --seconds 3 --node 24 --out DIR
 *
 * `--node`, once or more: the service runs on that version of Node.js, from npm. By default it runs on the one that runs this.
 */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installNode } from '../test/support/node-versions.js';
import { describeRun } from './harness/environment.js';
import { installPeers } from './harness/install.js';
import { startSink } from './harness/sink-client.js';
import { percentiles } from './harness/statistics.js';
import { countCollections } from './service/collections.js';
import { createLoad } from './service/load.js';
import { printTracers, summarize } from './service/report.js';
import { missingOf, subjectOf } from './subjects/registry.js';

const CHILD = fileURLToPath(new URL('./service/child.js', import.meta.url));
const NOTHING = 'nothing';
const SUBJECTS = [
  NOTHING,
  'floor-sent',
  'floor-sent-gzip',
  'tailrace',
  'tailrace-gzip',
  'tailrace-otel',
  'langfuse-5',
  'otel-protobuf',
  'otel-noop',
  'langfuse-3',
];
/** The service's; everything else runs on the first. */
const PROCESSORS = { one: '1', two: '0,1' };
const CONNECTIONS = 16;
const STALL_MS = 10_000;

const { values } = parseArgs({
  options: {
    subject: { type: 'string', multiple: true, default: SUBJECTS },
    processors: { type: 'string', multiple: true, default: Object.keys(PROCESSORS) },
    node: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    out: { type: 'string', default: fileURLToPath(new URL('./results', import.meta.url)) },
  },
});

const wanted = await Promise.all(values.subject.map(subjectOf));
installPeers(wanted);
const skipped = wanted.filter((subject) => missingOf(subject).length > 0);
const subjects = wanted.filter((subject) => !skipped.includes(subject));
/** A processor that does nothing delivers nothing. */
const DELIVERS = new Set(subjects.filter(({ delivers }) => delivers).map(({ id }) => id));
if (process.platform === 'linux') execFileSync('taskset', ['-cp', '0', String(process.pid)]);
const sink = await startSink();
const results = {
  ...describeRun(subjects, skipped, { mode: 'service', rounds: Number(values.rounds) }),
  cases: {},
};
/** Version → binary. */
const binaries = Object.fromEntries(
  values.node?.map((version) => [version, installNode(version)]) ?? [[process.version, process.execPath]],
);
for (const [version, binary] of Object.entries(binaries)) {
  for (const processors of values.processors) {
    const rounds = Object.fromEntries(subjects.map(({ id }) => [id, []]));
    for (let round = 0; round < Number(values.rounds); round++) {
      const order = round % 2 === 0 ? subjects : subjects.toReversed();
      for (const { id } of order) rounds[id].push(await measure(id, binary, PROCESSORS[processors]));
    }
    const summary = summarize(rounds);
    results.cases[version] = { ...results.cases[version], [processors]: summary };
    const title = `Node.js ${version}, ${processors} processor${processors === 'one' ? '' : 's'}`;
    printTracers(title, subjects, summary);
  }
}
sink.stop();
mkdirSync(values.out, { recursive: true });
writeFileSync(join(values.out, 'service.json'), `${JSON.stringify(results, undefined, 2)}\n`);

/** One service with one tracer: warm-up, then as many requests as come through in the time. */
async function measure(subject, binary, processors) {
  await sink.reset();
  const forMs = Number(values.seconds) * 1000;
  const child = fork(CHILD, [JSON.stringify({ subject, url: sink.url })], launchedBy(binary, processors));
  const collections = countCollections(child.stdout);
  const [{ port }] = await once(child, 'message');
  const load = createLoad(port, CONNECTIONS);
  await load.run(forMs / 2);
  await command(child, 'flush');
  await sink.reset();
  const before = await command(child, 'measure');
  const collectionsBefore = collections.full;
  const startMs = performance.now();
  const latencies = await load.run(forMs);
  const seconds = (performance.now() - startMs) / 1000;
  const after = await command(child, 'measure');
  const fullCollections = collections.full - collectionsBefore;
  const { requests } = await command(child, 'flush');
  const offered = (requests - before.requests) * before.spansPerRequest;
  const isTracing = DELIVERS.has(subject);
  const { delivered, wireBytes, bodyBytes } = isTracing ? await sink.wait(offered, STALL_MS) : {};
  load.close();
  child.kill();
  const [p50, p99, p999] = percentiles(latencies, 50, 99, 99.9);
  const served = after.requests - before.requests;
  return {
    perSecond: latencies.length / seconds,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / served,
    mainMicros: (after.mainMicros - before.mainMicros) / served,
    spansPerRequest: before.spansPerRequest,
    fullCollections: (fullCollections / served) * 1000,
    ...{ p50, p99, p999 },
    ...(isTracing && { lost: offered - delivered, compression: bodyBytes / wireBytes }),
  };
}

async function command(child, name) {
  child.send(name);
  const [answer] = await once(child, 'message');
  return answer;
}

/** `taskset` is Linux's: elsewhere the service has all processors. `--trace-gc`: see service/collections.js. */
function launchedBy(binary, processors) {
  const options = { silent: true, execPath: binary, execArgv: ['--trace-gc'] };
  if (process.platform !== 'linux') return options;
  return { ...options, execPath: 'taskset', execArgv: ['-c', processors, binary, ...options.execArgv] };
}
