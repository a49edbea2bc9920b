/**
 * How busy each stage is, from a service's thread to the store: the share of what it has, where 1 is all. A cell is a Redis server with the
 * services that write to it, and the forwarders that read it; the store is shared by all cells.
 */
import { batchOf } from './batches.js';

const GIBIBYTE = 2 ** 30;

/**
 * @param plan `{ services, eventsPerSecond, workload, compression, batching, cells, forwarders, inFlight, storeServers }`: events of one
 *   service, forwarders of one cell, requests of one forwarder
 */
export function flowOf(plan, costs) {
  const { services, eventsPerSecond, workload, compression, batching, cells } = plan;
  const plainBytes = costs.bytesOf('redis', workload, 'none');
  const wireBytes = costs.bytesOf('redis', workload, compression);
  const batch = batchOf(eventsPerSecond, plainBytes, batching);
  const bodyBytes = batch.events * wireBytes;
  const entriesPerSecond = services * batch.perSecond;
  return {
    batch,
    plainBytes,
    wireBytes,
    bodyBytes,
    eventsPerSecond: services * eventsPerSecond,
    entriesPerSecond,
    entriesPerCell: entriesPerSecond / cells,
    bytesPerSecond: entriesPerSecond * bodyBytes,
    // A row as JSON is about as long as a span.
    rowBytes: costs.store?.[workload]?.rowBytes ?? plainBytes,
  };
}

/** A list of `{ stage, per, load }`. `per`: what the plan has more of when the stage is too busy; absent where more of nothing helps. */
export function stagesOf(plan, costs, assumed) {
  const { services, eventsPerSecond, workload, compression, cells, forwarders, inFlight, storeServers } =
    plan;
  const flow = flowOf(plan, costs);
  const { entriesPerCell, bodyBytes, batch } = flow;
  const cpu = costs.client('redis', workload, compression, eventsPerSecond, batch.events);
  const redisMicros = costs.entry('addMicros', bodyBytes) + costs.entry('takeMicros', bodyBytes);
  const bitsPerCell = entriesPerCell * bodyBytes * 8;
  const outageSeconds = assumed.outageMinutes * 60;
  const storeBytes = flow.eventsPerSecond * flow.rowBytes;
  return [
    { stage: "a service's main thread", load: (eventsPerSecond * cpu.main) / 1e6 },
    // Its garbage collector and its compression run beside the worker's own thread, so this is a little more than that thread has.
    { stage: "a service's worker", load: (eventsPerSecond * cpu.others) / 1e6 },
    { stage: 'a core of Redis', per: 'cells', load: (entriesPerCell * redisMicros) / 1e6 },
    { stage: 'network of Redis', per: 'cells', load: bitsPerCell / (assumed.networkGigabits * 1e9) },
    {
      stage: 'connections of Redis',
      per: 'cells',
      load: (services / cells + forwarders) / assumed.redisMaxClients,
    },
    {
      stage: `memory of Redis, ${assumed.outageMinutes} min without the target`,
      per: 'cells',
      isMemory: true,
      load:
        (entriesPerCell * outageSeconds * costs.entry('memoryBytes', bodyBytes)) /
        (assumed.redisMemoryGib * GIBIBYTE),
    },
    {
      stage: 'a core of a forwarder',
      per: 'forwarders',
      load: ((entriesPerCell / forwarders) * costs.entry('forwardMicros', bodyBytes)) / 1e6,
    },
    {
      stage: 'requests of a forwarder in flight',
      per: 'forwarders',
      load: ((entriesPerCell / forwarders) * assumed.targetLatencyMs) / 1000 / inFlight,
    },
    {
      stage: 'cores of ClickHouse',
      per: 'storeServers',
      load: storeBytes / 1e6 / assumed.storeMegabytesPerCoreSecond / (storeServers * assumed.storeCores),
    },
    {
      // More servers would help, but `asyncInsert` costs nothing: the plan counts on it.
      stage: 'parts of ClickHouse, without asyncInsert',
      load: ((flow.entriesPerSecond / storeServers) * assumed.partSeconds) / assumed.partsToDelay,
    },
  ];
}

/** The fewest cells, forwarders and servers with which no stage is busier than `useOfCapacity`. Memory is a choice of its own. */
export function planFor(demand, costs, assumed) {
  const plan = { inFlight: 32, cells: 1, forwarders: 1, storeServers: 1, ...demand };
  for (const part of ['cells', 'forwarders', 'storeServers']) {
    const busiest = Math.max(
      ...stagesOf(plan, costs, assumed)
        .filter(({ per, isMemory }) => per === part && !isMemory)
        .map(({ load }) => load),
    );
    plan[part] = Math.max(1, Math.ceil(plan[part] * (busiest / assumed.useOfCapacity)));
  }
  return plan;
}

/** Events per second of one service at which each stage is full, the first to break first. */
export function limitsOf(plan, costs, assumed) {
  const loadAt = (eventsPerSecond, stage) =>
    stagesOf({ ...plan, eventsPerSecond }, costs, assumed).find((one) => one.stage === stage).load;
  return stagesOf(plan, costs, assumed)
    .map(({ stage, load }) => {
      let [low, high] = [1, 1e7];
      for (let step = 0; step < 60; step++) {
        const middle = Math.sqrt(low * high);
        if (loadAt(middle, stage) < 1) low = middle;
        else high = middle;
      }
      return { stage, load, limit: high > 9e6 ? Number.POSITIVE_INFINITY : low };
    })
    .sort((a, b) => a.limit - b.limit);
}
