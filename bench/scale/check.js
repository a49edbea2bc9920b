/**
 * The check at the small end: four real services, Redis, a real forwarder and a server that counts, beside what the model and the simulation
 * say of the same four. One case for each thing that cuts a batch.
 */
import { runExporter } from '../exporters/run-exporter.js';
import { DEFAULT_BATCHING } from './batches.js';
import { startForwarder, toLangfuse, untilEmpty } from './forwarder.js';
import { cellOf, simulate } from './simulate.js';
import { flowOf } from './stages.js';
import { startWitness } from './witness.js';

const SERVICES = 4;
const IN_FLIGHT = 8;
const CASES = [
  { cut: 'count', workload: '2KB-english', compression: 'gzip', perSecond: 1_000 },
  { cut: 'bytes', workload: '20KB-english', compression: 'gzip', perSecond: 100 },
  { cut: 'age', workload: '2KB-english', compression: 'gzip', perSecond: 200, flushIntervalMs: 1_000 },
];

/** A list of cases, each with `rows` of `[figure, predicted, measured]`. */
export async function check(redis, costs, { seconds, least, say, assumed }) {
  const checked = [];
  const cases = (least ? CASES.slice(0, 1) : CASES).map((one) => ({ ...one, seconds }));
  for (const one of cases.filter(({ workload }) => costs.bytesOf('redis', workload, 'gzip') !== undefined)) {
    say(`check · batches that ${one.cut} cuts`);
    const measured = await measure(redis, one);
    checked.push({ ...one, rows: compare(predict(one, costs, assumed), measured) });
  }
  return checked;
}

async function measure(redis, { workload, compression, perSecond, seconds, flushIntervalMs }) {
  await redis.ask('FLUSHALL');
  const witness = await startWitness();
  const forwarder = await startForwarder(
    redis.url,
    ...toLangfuse(witness.url),
    '--in-flight',
    String(IN_FLIGHT),
  );
  const events = perSecond * seconds;
  const snapshot = async () => ({
    ...(await witness.look()),
    redisMicros: await redis.cpuMicros(),
    forwarderMicros: forwarder.cpuMicros(),
    ...(await redis.network()),
  });
  // All services start at one moment, and are at their end at another.
  const begin = together(async () => {
    await untilEmpty(redis);
    return snapshot();
  });
  const looks = [];
  const job = {
    options: {
      exporter: 'redis',
      redis: { url: redis.url },
      compression,
      ...(flushIntervalMs && { flushInterval: flushIntervalMs / 1000 }),
    },
    ...{ workload, perSecond, warmUp: perSecond, events },
  };
  const services = Array.from({ length: SERVICES }, () => {
    let isFirst = true;
    return runExporter(job, async () => {
      if (isFirst) looks.push(await begin());
      isFirst = false;
      return {};
    });
  });
  const results = await Promise.all(services);
  await untilEmpty(redis);
  const [before] = looks;
  const after = await snapshot();
  await forwarder.stop();
  witness.stop();
  const total = SERVICES * events;
  const grown = (figure) => after[figure] - before[figure];
  return {
    eventsPerRequest: total / grown('requests'),
    requestsPerSecond: grown('requests') / (results.reduce((sum, one) => sum + one.seconds, 0) / SERVICES),
    bytesPerEvent: grown('wireBytes') / total,
    redisMicros: grown('redisMicros') / total,
    forwarderMicros: grown('forwarderMicros') / total,
    serviceMicros: results.reduce((sum, { processMicros }) => sum + processMicros, 0) / SERVICES,
  };
}

/** Calls `work` when all have come, once, and gives all its result. */
function together(work) {
  let come = 0;
  let start;
  const started = new Promise((resolve) => {
    start = resolve;
  });
  const result = started.then(work);
  return () => {
    if (++come === SERVICES) start();
    return result;
  };
}

function predict({ workload, compression, perSecond, seconds, flushIntervalMs }, costs, assumed) {
  const batching = { ...DEFAULT_BATCHING, ...(flushIntervalMs && { flushIntervalMs }) };
  const plan = {
    services: SERVICES,
    eventsPerSecond: perSecond,
    workload,
    compression,
    batching,
    cells: 1,
    forwarders: 1,
    inFlight: IN_FLIGHT,
    maxLength: 10_000,
  };
  const flow = flowOf(plan, costs);
  // A witness on the same machine answers at once.
  const cell = cellOf(plan, flow, costs, { ...assumed, targetLatencyMs: 1 });
  const run = simulate(cell, { seconds: 60 });
  const delivered = run.delivered * flow.batch.events;
  const cpu = costs.client('redis', workload, compression, perSecond, flow.batch.events);
  return {
    // The last batch of each service is cut by the flush at its end.
    eventsPerRequest: (perSecond * seconds) / Math.ceil((perSecond * seconds) / flow.batch.events),
    requestsPerSecond: run.delivered / 60,
    bytesPerEvent: flow.wireBytes,
    redisMicros:
      (run.redisLoad * 60 * 1e6) / delivered + costs.look.redisMicrosPerSecond / (SERVICES * perSecond),
    forwarderMicros: (run.forwarderLoad * 60 * 1e6) / delivered,
    serviceMicros: costs.program(workload, perSecond) + cpu.process,
  };
}

const FIGURES = {
  eventsPerRequest: 'events in a request',
  requestsPerSecond: 'requests/s',
  bytesPerEvent: 'bytes of an event on the wire',
  redisMicros: 'CPU of Redis, µs/event',
  forwarderMicros: 'CPU of the forwarder, µs/event',
  serviceMicros: 'CPU of a service, µs/event',
};

function compare(predicted, measured) {
  return Object.entries(FIGURES).map(([figure, title]) => [title, predicted[figure], measured[figure]]);
}
