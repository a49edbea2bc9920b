/** The model of `npm run bench:scale`: batches, costs, stages, and the simulation of a cell, each with numbers that can be computed by hand. */
import { describe, expect, it } from 'vitest';

/** The benchmarks are JavaScript without declarations. */
const load = (file: string) => import(new URL(`../../bench/${file}`, import.meta.url).href);
const { batchOf } = await load('scale/batches.js');
const { fitLine, onLine } = await load('harness/line-fit.js');
const { createEventQueue } = await load('scale/event-queue.js');
const { simulate } = await load('scale/simulate.js');
const { limitsOf, planFor, stagesOf } = await load('scale/stages.js');
const { busiestShare, slotOf } = await load('scale/slots.js');
const { ASSUMPTIONS, withAssumptions } = await load('scale/assumptions.js');

describe('a batch', () => {
  it.each([
    ['count', 10_000, 4_000, 512],
    ['bytes', 10_000, 40_000, 78],
    ['age', 10, 4_000, 50],
    ['age', 0.01, 4_000, 1],
    ['bytes', 10_000, 5 * 2 ** 20, 1],
  ])('is cut by %s at %d events/s of %d bytes', (cutBy, rate, bytes, events) => {
    expect(batchOf(rate, bytes)).toEqual({ events, cutBy, perSecond: rate / events });
  });

  it('follows the options', () => {
    expect(batchOf(100, 1_000, { flushAt: 10 })).toMatchObject({ cutBy: 'count', events: 10 });
    expect(batchOf(100, 1_000, { flushIntervalMs: 100 })).toMatchObject({ cutBy: 'age', events: 10 });
    expect(batchOf(100, 1_000, { maxBatchBytes: 10_000 })).toMatchObject({ cutBy: 'bytes', events: 10 });
  });
});

describe('a line through measured costs', () => {
  it('is found', () => {
    const points = [1, 10, 100, 10_000].map((x) => ({ x, y: 5 + 0.25 * x }));
    const line = fitLine(points);
    expect(line.fixed).toBeCloseTo(5);
    expect(line.perUnit).toBeCloseTo(0.25);
    expect(onLine(line, 1_000)).toBeCloseTo(255);
  });

  it('has no cost below zero, whatever the noise', () => {
    const falling = fitLine([
      { x: 1, y: 10 },
      { x: 100, y: 9 },
    ]);
    expect(falling.perUnit).toBe(0);
    expect(falling.fixed).toBeGreaterThan(8.9);
    const steep = fitLine([
      { x: 1, y: 1 },
      { x: 100, y: 200 },
    ]);
    expect(steep.fixed).toBe(0);
    expect(steep.perUnit).toBeGreaterThan(1);
  });
});

it('a queue of events gives them by time, and those of one time in order', () => {
  const queue = createEventQueue();
  const times = Array.from({ length: 500 }, (_, i) => (i * 7919) % 101);
  for (const [order, time] of times.entries()) queue.push(time, order);
  const popped = Array.from({ length: 500 }, () => queue.pop());
  const expected = times
    .map((time, order) => ({ time, order }))
    .sort((a, b) => a.time - b.time || a.order - b.order);
  expect(popped.map(({ time, run }) => ({ time, order: run }))).toEqual(expected);
  expect(queue.pop()).toBeUndefined();
});

const CELL = {
  services: 20,
  batch: { events: 512, perSecond: 5 },
  bodyBytes: 400_000,
  addMicros: 200,
  takeMicros: 200,
  forwardMicros: 1_000,
  lookMicros: { redisMicros: 10, forwarderMicros: 100 },
  memoryBytes: 450_000,
  maxLength: 100_000,
  forwarders: 2,
  inFlight: 8,
  targetLatencyMs: 20,
};

describe('the simulation of a cell', () => {
  it('says the same for the same seed, and something else for another one', () => {
    const run = (seed: number) => simulate(CELL, { seconds: 20, seed });
    expect(run(3)).toEqual(run(3));
    expect(run(3)).not.toEqual(run(4));
  });

  it('delivers what is added, at the load that rates and costs make', () => {
    const { added, delivered, left, redisLoad, forwarderLoad, lagP50Ms } = simulate(CELL, { seconds: 60 });
    expect(added).toBe(delivered + left);
    // 100 entries a second.
    expect(delivered / 60).toBeGreaterThan(97);
    expect(delivered / 60).toBeLessThan(103);
    expect(redisLoad).toBeCloseTo(0.04, 2);
    // The busier one of the two.
    expect(forwarderLoad).toBeGreaterThan(0.049);
    expect(forwarderLoad).toBeLessThan(0.065);
    expect(lagP50Ms).toBeGreaterThan(5);
    expect(lagP50Ms).toBeLessThan(60);
  });

  it('keeps in the stream what arrives while the target is away, and brings it on afterwards', () => {
    const outage = { from: 20, until: 50 };
    const { longest, added, delivered, left, refused, recoverySeconds } = simulate(CELL, {
      seconds: 120,
      outage,
    });
    expect(longest).toBeGreaterThan(2_900);
    expect(longest).toBeLessThan(3_200);
    expect(refused).toBe(0);
    expect(added).toBe(delivered + left);
    expect(left).toBeLessThan(40);
    // Requests bound it: 16 of 20 ms each are 800 entries a second, of which 100 are new.
    expect(recoverySeconds).toBeGreaterThan(3);
    expect(recoverySeconds).toBeLessThan(10);
  });

  it('leaves at the services what does not fit into the stream', () => {
    const outage = { from: 20, until: 50 };
    const cell = { ...CELL, maxLength: 1_000 };
    const { longest, refused, serviceBytes, recoverySeconds } = simulate(cell, { seconds: 200, outage });
    // As many entries may pass the bound as requests are under way.
    expect(longest).toBeLessThan(1_000 + 20 * 16);
    expect(refused).toBeGreaterThan(0);
    // Of 3,000 batches 1,000 are in the stream.
    expect(serviceBytes).toBeGreaterThan(90 * 400_000);
    expect(serviceBytes).toBeLessThan(110 * 400_000);
    expect(Number.isFinite(recoverySeconds)).toBe(true);
  });

  it('never recovers without room for it', () => {
    const cell = { ...CELL, inFlight: 1, targetLatencyMs: 21 };
    const { recoverySeconds, left } = simulate(cell, { seconds: 100, outage: { from: 20, until: 50 } });
    expect(recoverySeconds).toBe(Number.POSITIVE_INFINITY);
    expect(left).toBeGreaterThan(2_900);
  });
});

/** As createCosts makes them, with round numbers: 1 kB an event, a tenth of it on the wire. */
const COSTS = {
  bytesOf: (_exporter: string, _workload: string, compression: string) =>
    compression === 'none' ? 1_000 : 100,
  client: () => ({ main: 5, process: 30, others: 25 }),
  entry: (figure: string, bytes: number) => (figure === 'memoryBytes' ? bytes : 100 + bytes / 1_000),
  store: undefined,
};
const DEMAND = { services: 1_000, eventsPerSecond: 10_000, workload: 'any', compression: 'gzip' };

describe('streams on a cluster', () => {
  it('have the slots that the specification of Redis says', () => {
    // The specification's own example is 0x31C3.
    expect(slotOf('123456789')).toBe(0x31c3 % 16_384);
  });

  it('spread the better the more there are', () => {
    expect(busiestShare(1, 1)).toBe(1);
    expect(busiestShare(12, 12)).toBeGreaterThan(1.5);
    expect(busiestShare(12, 768)).toBeLessThan(1.4);
  });
});

describe('the plan', () => {
  it('has room in each stage that more of something relieves', () => {
    const plan = planFor(DEMAND, COSTS, ASSUMPTIONS);
    const stages = stagesOf(plan, COSTS, ASSUMPTIONS) as {
      stage: string;
      per?: string;
      isMemory?: boolean;
      load: number;
    }[];
    for (const { stage, per, isMemory, load } of stages) {
      if (per !== undefined && !isMemory) {
        expect(load, stage).toBeLessThanOrEqual(ASSUMPTIONS.useOfCapacity + 1e-9);
      }
    }
    // One less of each is too few.
    for (const part of ['cells', 'forwarders', 'storeServers']) {
      if (plan[part] === 1) continue;
      const fewer = stagesOf({ ...plan, [part]: plan[part] - 1 }, COSTS, ASSUMPTIONS) as typeof stages;
      const busiest = Math.max(
        ...fewer.filter(({ per, isMemory }) => per === part && !isMemory).map(({ load }) => load),
      );
      expect(busiest, part).toBeGreaterThan(ASSUMPTIONS.useOfCapacity);
    }
  });

  it('names the stages in the order in which they break', () => {
    const limits = limitsOf(planFor(DEMAND, COSTS, ASSUMPTIONS), COSTS, ASSUMPTIONS) as {
      stage: string;
      limit: number;
    }[];
    expect(limits.map(({ limit }) => limit)).toEqual(
      limits.map(({ limit }) => limit).toSorted((a, b) => a - b),
    );
    const limitOf = (name: string) => limits.find(({ stage }) => stage === name)?.limit;
    // 25 µs an event, of a million a second.
    expect(limitOf("a service's worker")).toBeCloseTo(40_000, 0);
    expect(limitOf('connections of Redis')).toBe(Number.POSITIVE_INFINITY);
  });

  it('takes assumptions by name, and no others', () => {
    expect(withAssumptions(['networkGigabits=10'])).toMatchObject({ networkGigabits: 10, storeCores: 32 });
    expect(() => withAssumptions(['network=10'])).toThrow('--set must be name=number, with one of');
    expect(() => withAssumptions(['networkGigabits=fast'])).toThrow('but got: networkGigabits=fast');
  });
});
