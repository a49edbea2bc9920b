/**
 * A discrete-event simulation of one cell: services add batches to a stream of a Redis server, which is one core and a bounded length;
 * forwarders look for entries, take as many as they have requests, and wait for the target. Seeded: the same numbers in, the same numbers out.
 */
import { percentiles } from '../harness/statistics.js';
import { createEventQueue } from './event-queue.js';

/** Where a batch that is refused waits: the client's back-off, from 1 s to 30 s, with full jitter (consumer/transport). */
const FIRST_BACKOFF_S = 1;
const MAX_BACKOFF_S = 30;
const CLIENT_IN_FLIGHT = 16;
/** As the forwarder does (src/forward/forwarder.ts). */
const HELD_PER_REQUEST = 2;
const FIRST_IDLE_S = 0.01;
const MAX_IDLE_S = 0.25;
/** The time between two batches of a service varies by so much. */
const JITTER = 0.2;
const WATCH_S = 0.1;
/** A stream is as it was before when it is as short as this many times its longest then. */
const RECOVERED = 1.1;

/**
 * @param cell `{ services, batch: {events, perSecond}, bodyBytes, addMicros, takeMicros, forwardMicros, lookMicros: {redisMicros,
 *   forwarderMicros}, memoryBytes, maxLength, forwarders, inFlight, targetLatencyMs }`
 * @param run `{ seconds, outage?: {from, until}, seed }`, in seconds
 */
export function simulate(cell, { seconds, outage, seed = 1 }) {
  const random = createRandom(seed);
  const queue = createEventQueue();
  let now = 0;
  const at = (time, run) => queue.push(time, run);
  const redis = createServer(() => now, at);
  /** `length`: entries that are not delivered; `waiting`: those that no forwarder has taken. */
  const stream = { length: 0, waiting: createFifo() };
  const figures = { added: 0, delivered: 0, refused: 0, longest: 0, longestBefore: 0, mostInServices: 0 };
  const lags = [];
  let inServices = 0;
  let recoveredAt;
  const isAway = (time) => outage !== undefined && time >= outage.from && time < outage.until;

  const services = Array.from({ length: cell.services }, () => ({
    backlog: createFifo(),
    underWay: 0,
    failures: 0,
  }));
  const forwarders = Array.from({ length: cell.forwarders }, () => ({
    core: createServer(() => now, at),
    held: 0,
    idle: FIRST_IDLE_S,
    isFull: false,
    underWay: 0,
    ready: createFifo(),
  }));

  function makeBatches(service) {
    const mean = 1 / cell.batch.perSecond;
    const make = () => {
      service.backlog.push(now);
      inServices++;
      figures.mostInServices = Math.max(figures.mostInServices, inServices);
      send(service);
      at(now + mean * (1 + JITTER * (2 * random() - 1)), make);
    };
    at(mean * random(), make);
  }

  function send(service) {
    while (service.backlog.size() > 0 && service.underWay < CLIENT_IN_FLIGHT && !service.isWaiting) {
      if (stream.length >= cell.maxLength) {
        figures.refused++;
        service.isWaiting = true;
        const longest = Math.min(MAX_BACKOFF_S, FIRST_BACKOFF_S * 2 ** service.failures++);
        at(now + longest * random(), () => {
          service.isWaiting = false;
          send(service);
        });
        return;
      }
      const madeAt = service.backlog.shift();
      service.underWay++;
      service.failures = 0;
      redis.serve(cell.addMicros / 1e6, () => {
        service.underWay--;
        inServices--;
        figures.added++;
        stream.length++;
        stream.waiting.push(madeAt);
        figures.longest = Math.max(figures.longest, stream.length);
        if (outage !== undefined && now < outage.from) {
          figures.longestBefore = Math.max(figures.longestBefore, stream.length);
        }
        send(service);
      });
    }
  }

  /** One look after the other while there is something, and with pauses that get longer while there is nothing. */
  function look(forwarder) {
    const room = HELD_PER_REQUEST * cell.inFlight - forwarder.held;
    forwarder.isFull = room <= 0;
    if (forwarder.isFull) return;
    const { redisMicros, forwarderMicros } = cell.lookMicros;
    redis.serve(redisMicros / 1e6, () => {
      const count = Math.min(room, stream.waiting.size());
      for (let i = 0; i < count; i++) take(forwarder, stream.waiting.shift());
      const idle = count > 0 ? 0 : Math.min(2 * forwarder.idle, MAX_IDLE_S);
      forwarder.idle = Math.max(FIRST_IDLE_S, idle);
      forwarder.core.serve(forwarderMicros / 1e6, () => at(now + idle, () => look(forwarder)));
    });
  }

  function take(forwarder, madeAt) {
    forwarder.held++;
    redis.serve(cell.takeMicros / 1e6, () =>
      forwarder.core.serve(cell.forwardMicros / 1e6, () => {
        forwarder.ready.push(madeAt);
        request(forwarder);
      }),
    );
  }

  function request(forwarder) {
    if (forwarder.ready.size() === 0 || forwarder.underWay >= cell.inFlight) return;
    const madeAt = forwarder.ready.shift();
    forwarder.underWay++;
    const attempt = () => {
      if (isAway(now)) {
        // The circuit is open: a probe finds the target within one back-off of its return.
        at(outage.until + FIRST_BACKOFF_S * random(), attempt);
        return;
      }
      at(now + (-Math.log(1 - random()) * cell.targetLatencyMs) / 1000, () => {
        forwarder.underWay--;
        forwarder.held--;
        stream.length--;
        figures.delivered++;
        lags.push(now - madeAt);
        if (forwarder.isFull) look(forwarder);
        request(forwarder);
      });
    };
    attempt();
  }

  for (const service of services) makeBatches(service);
  for (const forwarder of forwarders) at(MAX_IDLE_S * random(), () => look(forwarder));
  const watch = () => {
    if (outage !== undefined && now > outage.until && recoveredAt === undefined) {
      const isShort = stream.length <= Math.max(10, RECOVERED * figures.longestBefore);
      if (isShort && inServices <= cell.services) recoveredAt = now;
    }
    at(now + WATCH_S, watch);
  };
  watch();
  while (queue.size > 0) {
    const event = queue.pop();
    if (event.time > seconds) break;
    now = event.time;
    event.run();
  }
  const [p50, p99] = lags.length === 0 ? [0, 0] : percentiles(lags, 50, 99);
  return {
    ...figures,
    left: stream.length,
    redisLoad: redis.busySeconds() / seconds,
    forwarderLoad: Math.max(...forwarders.map(({ core }) => core.busySeconds())) / seconds,
    lagP50Ms: 1000 * p50,
    lagP99Ms: 1000 * p99,
    streamBytes: figures.longest * cell.memoryBytes,
    serviceBytes: (figures.mostInServices / cell.services) * cell.bodyBytes,
    recoverySeconds: outage === undefined ? 0 : (recoveredAt ?? Number.POSITIVE_INFINITY) - outage.until,
  };
}

/** One thing at a time, in the order in which they came. */
function createServer(now, at) {
  let freeAt = 0;
  let busy = 0;
  return {
    serve(seconds, done) {
      freeAt = Math.max(freeAt, now()) + seconds;
      busy += seconds;
      at(freeAt, done);
    },
    busySeconds: () => busy,
  };
}

/** An array whose `shift` does not move the others each time. */
function createFifo() {
  let items = [];
  let first = 0;
  return {
    push: (item) => items.push(item),
    size: () => items.length - first,
    shift() {
      const item = items[first++];
      if (2 * first > items.length) {
        items = items.slice(first);
        first = 0;
      }
      return item;
    },
  };
}

/** Mulberry32. */
function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The cell of a plan: what one of them has of the services, at the costs that were measured. */
export function cellOf(plan, flow, costs, assumed) {
  const { bodyBytes, batch } = flow;
  return {
    services: Math.ceil(plan.services / plan.cells),
    batch,
    bodyBytes,
    ...Object.fromEntries(
      ['addMicros', 'takeMicros', 'forwardMicros', 'memoryBytes'].map((figure) => [
        figure,
        costs.entry(figure, bodyBytes),
      ]),
    ),
    lookMicros: costs.look,
    maxLength: plan.maxLength,
    forwarders: plan.forwarders,
    inFlight: plan.inFlight,
    targetLatencyMs: assumed.targetLatencyMs,
  };
}
