/** The tables of bench/scale.js, each with a key by which a guide names it. `print(key, title, rows)`: the first row has the columns' titles. */
import { batchOf } from './batches.js';
import { nameOf } from './measure-clients.js';
import { busiestShare } from './slots.js';
import { flowOf, limitsOf, stagesOf } from './stages.js';

const SECONDS_A_DAY = 86_400;
const RATES = [10, 100, 1_000, 10_000];

export function reportMeasured({ clients, stream, store }, print) {
  print('clients', 'What clients take and make', [
    ['', 'events/s', 'main thread, µs/event', 'process, µs/event', 'bytes/event', 'events/request', 'MiB'],
    ...clients.map((one) => [
      nameOf(one),
      whole(one.perSecond),
      short(one.mainMicros),
      short(one.processMicros),
      one.bytesPerEvent ? whole(one.bytesPerEvent) : '',
      one.eventsPerRequest ? whole(one.eventsPerRequest) : '',
      whole(one.rssMiB),
    ]),
  ]);
  print('entries', 'What an entry takes', [
    [
      'body',
      'Redis adds it, µs',
      'Redis gives it and deletes it, µs',
      'forwarder, µs',
      'that writes rows, µs',
      'memory of Redis, bytes',
    ],
    ...stream.sizes.map((size) => [
      `${whole(size.bodyBytes)} B`,
      short(size.addMicros),
      short(size.takeMicros),
      short(size.forwardMicros),
      short(size.rowsMicros),
      whole(size.memoryBytes),
    ]),
    [
      'none: a look at an empty stream',
      '',
      short(stream.look.redisMicros),
      short(stream.look.forwarderMicros),
      '',
      '',
    ],
  ]);
  if (store === undefined)
    return console.log('\nThe engine of ClickHouse is not installed: its rows are left out.');
  print('rows', 'What a row takes in ClickHouse', [
    ['', 'bytes of JSON', 'inserted among 512, µs', 'among 4,096, µs', 'one merge, µs'],
    ...Object.entries(store).map(([workload, { sizes, rowBytes, mergeMicrosPerRow }]) => [
      workload,
      whole(rowBytes),
      ...sizes.map(({ rows, insertMicros }) => short(insertMicros / rows)),
      short(mergeMicrosPerRow),
    ]),
  ]);
}

export function reportBatches(workloads, costs, print) {
  print('batches', 'Batches of one service, by its rate', [
    ['events/s', ...workloads.flatMap((name) => [`${name}: events`, 'cut by', 'requests/s'])],
    ...RATES.map((rate) => [
      whole(rate),
      ...workloads.flatMap((workload) => {
        const { events, cutBy, perSecond } = batchOf(rate, costs.bytesOf('redis', workload, 'none'));
        return [whole(events), cutBy, short(perSecond)];
      }),
    ]),
  ]);
}

export function reportPerMillion(plans, costs, assumed, print) {
  print('million', `A million events, at ${whole(plans[0].eventsPerSecond)} a second and service`, [
    ['', ...plans.map(({ workload }) => workload)],
    ...rowsOf(plans, costs, assumed, {
      'before compression, MB': ({ flow }) => flow.plainBytes,
      'on the wire to Redis, MB': ({ flow }) => flow.wireBytes,
      'requests (entries)': ({ flow }) => 1e6 / flow.batch.events,
      'main threads of services, CPU s': ({ cpu }) => cpu.main,
      'their workers, CPU s': ({ cpu }) => cpu.others,
      'Redis, CPU s': ({ flow }) =>
        (costs.entry('addMicros', flow.bodyBytes) + costs.entry('takeMicros', flow.bodyBytes)) /
        flow.batch.events,
      'forwarders, CPU s': ({ flow }) => costs.entry('forwardMicros', flow.bodyBytes) / flow.batch.events,
      'forwarders that write rows, CPU s': ({ flow }) =>
        costs.entry('rowsMicros', flow.bodyBytes) / flow.batch.events,
      'in the memory of Redis while they wait, MB': ({ flow }) =>
        costs.entry('memoryBytes', flow.bodyBytes) / flow.batch.events,
      'ClickHouse by its own rule, CPU s': ({ flow }) => flow.rowBytes / assumed.storeMegabytesPerCoreSecond,
      'ClickHouse as measured, CPU s': ({ plan }) => storeMicros(costs.store?.[plan.workload], assumed),
      'on its disk, MB': ({ flow }) => flow.rowBytes / assumed.storeCompression,
    }),
  ]);
}

/** Of a row: its insert among many, and its merges. Undefined: not measured. */
function storeMicros(row, { mergePasses }) {
  if (row === undefined) return undefined;
  const { rows, insertMicros } = row.sizes.at(-1);
  return insertMicros / rows + mergePasses * row.mergeMicrosPerRow;
}

export function reportPlans(plans, costs, assumed, print) {
  print(
    'plan',
    `${whole(plans[0].services)} services with ${whole(plans[0].eventsPerSecond)} events/s each`,
    [
      ['', ...plans.map(({ workload }) => workload)],
      ...rowsOf(plans, costs, assumed, {
        'million events/s': ({ flow }) => flow.eventsPerSecond / 1e6,
        'GB/s to Redis, and again to the target': ({ flow }) => flow.bytesPerSecond / 1e9,
        'entries/s': ({ flow }) => flow.entriesPerSecond,
        'workers of a service': ({ load }) => Math.ceil(load("a service's worker") / assumed.useOfCapacity),
        'memory that the client adds to it, MiB': ({ plan }) =>
          costs.clientMemory(plan.workload, plan.compression),
        'cells (a Redis server each)': ({ plan }) => plan.cells,
        'services of a cell': ({ plan }) => Math.ceil(plan.services / plan.cells),
        'MB/s of a cell': ({ plan, flow }) => flow.bytesPerSecond / plan.cells / 1e6,
        'a core of Redis is busy, %': ({ load }) => 100 * load('a core of Redis'),
        'its network is busy, %': ({ load }) => 100 * load('network of Redis'),
        'forwarders of a cell': ({ plan }) => plan.forwarders,
        'forwarders of a cell, if they write rows': ({ plan, flow }) =>
          Math.ceil(
            ((flow.entriesPerSecond / plan.cells) * costs.entry('rowsMicros', flow.bodyBytes)) /
              1e6 /
              assumed.useOfCapacity,
          ),
        'requests of a forwarder in flight': ({ plan }) => plan.inFlight,
        forwarders: ({ plan }) => plan.forwarders * plan.cells,
        'seconds that fit into the memory of Redis': ({ plan, flow }) =>
          (assumed.redisMemoryGib * 2 ** 30) /
          (costs.entry('memoryBytes', flow.bodyBytes) * (flow.entriesPerSecond / plan.cells)),
        'a minute in the spool of a service, MB': ({ plan, flow }) =>
          (60 * flow.bytesPerSecond) / plan.services / 1e6,
        [`ClickHouse servers of ${assumed.storeCores} cores`]: ({ plan }) => plan.storeServers,
        'parts/s of a server, synchronous inserts': ({ plan, flow }) =>
          flow.entriesPerSecond / plan.storeServers,
        'active parts with asyncInsert': () => (1000 / assumed.asyncFlushMs) * assumed.partSeconds,
        'TB a day on its disks': ({ flow }) =>
          (flow.rowBytes / assumed.storeCompression / 1e12) * flow.eventsPerSecond * SECONDS_A_DAY,
      }),
    ],
  );
}

const NODES = [3, 6, 12, 24];
const STREAMS_PER_NODE = [1, 4, 16, 64];
/** The bound of the option `shards`. */
const MAX_SHARDS = 1_024;

export function reportSlots(print) {
  print('cluster', 'A cluster in place of cells: the load of its busiest node, × mean', [
    ['streams for each node', ...NODES.map((nodes) => `${nodes} nodes`)],
    ...STREAMS_PER_NODE.map((streams) => [
      String(streams),
      ...NODES.map((nodes) =>
        streams * nodes > MAX_SHARDS ? 'too many' : busiestShare(nodes, streams * nodes).toFixed(2),
      ),
    ]),
  ]);
}

function rowsOf(plans, costs, assumed, columns) {
  const facts = plans.map((plan) => {
    const flow = flowOf(plan, costs);
    const { workload, compression, eventsPerSecond } = plan;
    const stages = stagesOf(plan, costs, assumed);
    return {
      plan,
      flow,
      cpu: costs.client('redis', workload, compression, eventsPerSecond, flow.batch.events),
      load: (stage) => stages.find((one) => one.stage === stage).load,
    };
  });
  return Object.entries(columns).map(([title, figure]) => [
    title,
    ...facts.map((fact) => short(figure(fact))),
  ]);
}

export function reportLimits(plan, costs, assumed, print) {
  print(
    `limits-${plan.workload}`,
    `What breaks first, ${plan.workload}: ${whole(plan.cells)} cells, ${plan.forwarders} forwarders each`,
    [
      ['stage', `busy at ${whole(plan.eventsPerSecond)}/s, %`, 'full at events/s of each service'],
      ...limitsOf(plan, costs, assumed).map(({ stage, load, limit }) => [
        stage,
        short(100 * load),
        Number.isFinite(limit) ? whole(limit) : 'never',
      ]),
    ],
  );
}

export function reportOutage({ plan, outage, steady, runs }, print) {
  const columns = [
    ['entries delivered/s', ({ delivered, seconds }) => delivered / seconds],
    ['lag p50, ms', ({ lagP50Ms }) => lagP50Ms],
    ['lag p99, ms', ({ lagP99Ms }) => lagP99Ms],
    ['Redis is busy, %', ({ redisLoad }) => 100 * redisLoad],
    ['a forwarder is, %', ({ forwarderLoad }) => 100 * forwarderLoad],
    ['longest stream', ({ longest }) => longest],
    ['of Redis, GB', ({ streamBytes }) => streamBytes / 1e9],
    ['most that a service keeps, MB', ({ serviceBytes }) => serviceBytes / 1e6],
    ['seconds until all is as before', ({ recoverySeconds }) => recoverySeconds],
  ];
  print('outage', `One cell simulated, ${plan.workload}, the target away for ${outage} s`, [
    ['', ...columns.map(([title]) => title)],
    ...[{ name: 'no outage', ...steady }, ...runs].map((run) => [
      run.name,
      ...columns.map(([, figure]) => short(figure(run))),
    ]),
  ]);
}

export function reportCheck(checked, print) {
  for (const { cut, workload, compression, perSecond, rows } of checked) {
    print(
      `check-${cut}`,
      `Check: 4 services, ${whole(perSecond)} events/s each, ${workload}, ${compression}; ${cut} cuts`,
      [
        ['', 'predicted', 'measured', 'deviation, %'],
        ...rows.map(([title, predicted, measured]) => [
          title,
          short(predicted),
          short(measured),
          short(100 * (predicted / measured - 1)),
        ]),
      ],
    );
  }
}

function whole(value) {
  return Math.round(value).toLocaleString('en-US');
}

/** Three digits. */
function short(value) {
  if (value === undefined || Number.isNaN(value)) return 'not measured';
  if (!Number.isFinite(value)) return 'never';
  if (Math.abs(value) >= 100) return whole(value);
  return String(Number(value.toPrecision(3)));
}
