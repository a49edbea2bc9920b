/** What a generation costs through the Tailrace API, against the floors. */
import { Tailrace } from '../../dist/esm/index.js';
import { bytesOf, payloadsOf, workloadNames } from '../harness/workloads.js';
import { subjectOf } from '../subjects/registry.js';
import { measureInTurns } from './measure.js';

/** Bytes between two drains: half of the default ring. */
const ROUND_BYTES = 8_000_000;
const MAX_ROUND = 200;
const FLOORS = { floor: 'floor-encode', memcpy: 'floor-memcpy', json: 'floor-json' };

export async function measureClient(sinkUrl) {
  const client = new Tailrace({
    publicKey: 'pk-lf-bench',
    secretKey: 'sk-lf-bench',
    baseUrl: sinkUrl,
    compression: 'none',
  });
  const rows = [];
  for (const workload of workloadNames().filter((name) => bytesOf(name) !== undefined)) {
    rows.push({ event: workload, ...(await measure(client, workload)) });
  }
  return { rows, ...(await client.shutdown()) };
}

async function measure(client, workload) {
  const payloads = payloadsOf(workload);
  const trace = client.trace({ name: 'conversation' });
  const model = 'gpt-4o';
  const drain = () => client.flush();
  const tasks = {
    startEnd: {
      once: (i) =>
        trace
          .generation({ name: 'answer', model, input: payloads.input(i) })
          .end({ output: payloads.output(i) }),
      drain,
    },
    oneShot: {
      once: (i) =>
        trace.generation({
          name: 'answer',
          model,
          input: payloads.input(i),
          output: payloads.output(i),
          endTime: Date.now(),
        }),
      drain,
    },
  };
  for (const [name, id] of Object.entries(FLOORS)) {
    const create = await (await subjectOf(id)).load();
    const floor = create({ poolSize: payloads.poolSize });
    tasks[name] = {
      once: (i) => floor.record(undefined, 'answer', payloads.input(i), payloads.output(i), i),
    };
  }
  const round = Math.min(MAX_ROUND, Math.floor(ROUND_BYTES / (2 * bytesOf(workload))));
  const { nanos, ratio } = await measureInTurns(tasks, round);
  return {
    'start + end, ns': Math.round(nanos.startEnd),
    'one shot, ns': Math.round(nanos.oneShot),
    'floor: encode + copy, ns': Math.round(nanos.floor),
    'memcpy, ns': Math.round(nanos.memcpy),
    'JSON.stringify, ns': Math.round(nanos.json),
    'start + end / floor': ratio('startEnd', 'floor').toFixed(2),
    'one shot / floor': ratio('oneShot', 'floor').toFixed(2),
    'start + end / JSON': ratio('startEnd', 'json').toFixed(2),
  };
}
