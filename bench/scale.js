/**
 * A plan for many writers: `npm run bench:scale`. It measures real clients, a redis-server, a forwarder and ClickHouse's engine at a small
 * scale, says what 1,000 services with 10,000 events/s each would need and what breaks first, and checks its model against four real services.
 *
 *   npm run bench:scale                       everything, some ten minutes
 *   npm run bench:scale -- --quick            one round, less of each; some four minutes
 *   npm run bench:scale -- --simulate         the plan alone, from the figures of the last run
 *   … --services 200 --rate 500 --set networkGigabits=10
 *   … --write                                 also puts the tables into src/forward/SCALE.md and bench/RESULTS.md
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { hasAgentRuns } from './harness/recorded.js';
import { hasRedis, startRedis } from './harness/redis-server.js';
import { withAssumptions } from './scale/assumptions.js';
import { check } from './scale/check.js';
import { createCosts } from './scale/costs.js';
import { measureClients } from './scale/measure-clients.js';
import { measureStore } from './scale/measure-store.js';
import { measureStream } from './scale/measure-stream.js';
import {
  reportBatches,
  reportCheck,
  reportLimits,
  reportMeasured,
  reportOutage,
  reportPerMillion,
  reportPlans,
  reportSlots,
} from './scale/report.js';
import { cellOf, simulate } from './scale/simulate.js';
import { flowOf, planFor } from './scale/stages.js';
import { createTables } from './scale/tables.js';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    simulate: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    services: { type: 'string', default: '1000' },
    rate: { type: 'string', default: '10000' },
    rounds: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    out: { type: 'string', default: new URL('./results', import.meta.url).pathname },
  },
});
const [services, eventsPerSecond] = [values.services, values.rate].map(Number);
const FILE = `${values.out}/scale.json`;
const REFERENCE = '2KB-english';
/**
 * `seconds`: of each client's measured run. `share`: of the entries whose cost is measured. `outage`: of the target, simulated, in seconds.
 * `least`: no more than the plan needs.
 */
const SETTINGS = {
  full: { rounds: 3, seconds: 3, share: 1, outage: 60 },
  quick: { rounds: 1, seconds: 2, share: 0.3, outage: 60 },
  smoke: { rounds: 1, seconds: 0.2, share: 0.01, outage: 2, least: true },
};
const settings = SETTINGS[values.smoke ? 'smoke' : values.quick ? 'quick' : 'full'];
const WORKLOADS = values.smoke ? [REFERENCE] : ['300B-english', REFERENCE, '20KB-english'];
const STEADY_SECONDS = 20;
const OUTAGE_SECONDS = settings.outage;
const AFTER_SECONDS = 4 * OUTAGE_SECONDS;

const assumed = withAssumptions(values.set);
const { print, write } = createTables();
const say = (text) => process.stderr.write(`${text}\n`);

const results = values.simulate ? JSON.parse(readFileSync(FILE, 'utf8')) : await measure();
const costs = createCosts(results);
reportMeasured(results, print);
reportBatches(WORKLOADS, costs, print);
const plans = WORKLOADS.map((workload) =>
  planFor({ services, eventsPerSecond, workload, compression: 'gzip' }, costs, assumed),
);
reportPerMillion(plans, costs, assumed, print);
reportPlans(plans, costs, assumed, print);
reportSlots(print);
for (const plan of plans) reportLimits(plan, costs, assumed, print);
reportOutage(outageOf(plans.find(({ workload }) => workload === REFERENCE)), print);
reportCheck(results.check, print);
if (values.write) write();

async function measure() {
  if (!hasRedis()) throw new Error('redis-server is not installed');
  const redis = await startRedis();
  const workloads = hasAgentRuns() && !values.smoke ? [...WORKLOADS, 'agent-runs'] : WORKLOADS;
  const { rounds, seconds, share, least } = {
    ...settings,
    ...(values.rounds && { rounds: Number(values.rounds) }),
  };
  const about = {
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: cpus().length,
  };
  const clients = await measureClients(redis, { rounds, seconds, workloads, least, say });
  const stream = await measureStream(redis, { share, least, say });
  const store = await measureStore({ workloads: values.smoke ? [] : WORKLOADS, say });
  const measured = { about, clients, stream, store };
  measured.check = await check(redis, createCosts(measured), { seconds: 4 * seconds, least, say, assumed });
  await redis.stop();
  mkdirSync(values.out, { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(measured, null, 2)}\n`);
  return measured;
}

/** The reference plan's cell, with streams that are long enough for the outage, and with streams that fill up in a fifth of it. */
function outageOf(plan) {
  const flow = flowOf(plan, costs);
  const long = Math.ceil(2 * flow.entriesPerCell * OUTAGE_SECONDS);
  const seconds = STEADY_SECONDS + OUTAGE_SECONDS + AFTER_SECONDS;
  const run = (maxLength, forwarders, outage) => {
    const cell = cellOf({ ...plan, maxLength, forwarders }, flow, costs, assumed);
    const length = outage === undefined ? STEADY_SECONDS : seconds;
    return { ...simulate(cell, { seconds: length, outage, seed: 7 }), seconds: length };
  };
  const outage = { from: STEADY_SECONDS, until: STEADY_SECONDS + OUTAGE_SECONDS };
  const full = Math.ceil(flow.entriesPerCell * (OUTAGE_SECONDS / 5));
  return {
    plan,
    outage: OUTAGE_SECONDS,
    steady: run(long, plan.forwarders),
    runs: [
      { name: 'streams long enough', ...run(long, plan.forwarders, outage) },
      { name: 'streams full after a fifth', ...run(full, plan.forwarders, outage) },
      { name: 'twice the forwarders', ...run(long, 2 * plan.forwarders, outage) },
    ],
  };
}
