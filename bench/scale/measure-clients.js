/** What a client takes and makes, by exporter, payload and compression: CPU, memory, bytes, requests. Real clients in processes of their own. */
import { runExporter } from '../exporters/run-exporter.js';
import { medians } from '../harness/statistics.js';
import { startWitness } from './witness.js';

/** Events a second of each workload, at which two cores also carry the server. */
const RATES = { '300B-english': 2_000, '2KB-english': 2_000, '20KB-english': 300, 'agent-runs': 500 };
const KEYS = { publicKey: 'pk-lf-bench', secretKey: 'sk-lf-bench' };

/** `variant`: what is not the default, for the costs of a batch and of a second. */
const CASES = [
  ...Object.keys(RATES).map((workload) => ({ exporter: 'nothing', workload })),
  ...Object.keys(RATES).flatMap((workload) =>
    ['none', 'gzip'].map((compression) => ({ exporter: 'redis', workload, compression })),
  ),
  ...['langfuse', 'otlp'].flatMap((exporter) =>
    ['none', 'gzip'].map((compression) => ({ exporter, workload: '2KB-english', compression })),
  ),
  ...Object.keys(RATES).map((workload) => ({ exporter: 'clickhouse', workload, compression: 'gzip' })),
  { exporter: 'clickhouse', workload: '2KB-english', compression: 'none' },
  {
    exporter: 'redis',
    workload: '2KB-english',
    compression: 'gzip',
    variant: 'small batches',
    options: { flushAt: 16 },
  },
  { exporter: 'redis', workload: '2KB-english', compression: 'gzip', variant: 'slow', perSecond: 200 },
  { exporter: 'nothing', workload: '2KB-english', variant: 'slow', perSecond: 200 },
];

/** `seconds`: of one run. `least`: only what the costs need. Returns a list of cases, each with its figures for one event. */
export async function measureClients(redis, { rounds, seconds, workloads, least, say }) {
  const witness = await startWitness();
  const isWanted = ({ exporter, workload }) =>
    workloads.includes(workload) && (!least || ['nothing', 'redis'].includes(exporter));
  const cases = CASES.filter(isWanted).map((one) => ({ ...one, results: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const one of round % 2 === 0 ? cases : cases.toReversed()) {
      say(`clients · round ${round + 1} of ${rounds} · ${nameOf(one)}`);
      one.results.push(await measureOnce(one, seconds, redis, witness));
    }
  }
  witness.stop();
  return cases.map(({ options, results, ...one }) => ({ ...one, ...medians(results) }));
}

export const nameOf = ({ exporter, workload, compression, variant }) =>
  [exporter, workload, compression, variant].filter(Boolean).join(' · ');

async function measureOnce({ exporter, workload, compression, options, perSecond }, planned, redis, witness) {
  await redis.ask('FLUSHALL');
  const rate = perSecond ?? RATES[workload];
  const events = Math.round(rate * planned);
  const targets = {
    nothing: undefined,
    redis: { exporter: 'redis', redis: { url: redis.url } },
    langfuse: { ...KEYS, baseUrl: witness.url },
    otlp: { exporter: 'otlp', otlp: { endpoint: witness.url } },
    clickhouse: { exporter: 'clickhouse', clickhouse: { url: witness.url, migrate: false } },
  };
  const target = targets[exporter];
  const job = {
    options: target && { ...target, compression, ...options },
    workload,
    perSecond: rate,
    warmUp: Math.round((rate * planned) / 2),
    events,
  };
  const look = exporter === 'redis' ? () => lookAtStream(redis) : witness.look;
  const { requests, wireBytes, mainMicros, processMicros, rssMiB, seconds } = await runExporter(job, look);
  return {
    perSecond: events / seconds,
    mainMicros,
    processMicros,
    rssMiB,
    bytesPerEvent: wireBytes / events,
    eventsPerRequest: requests === 0 ? 0 : events / requests,
  };
}

/** Entries, and the bytes that have come by the network. */
async function lookAtStream(redis) {
  const { inBytes } = await redis.network();
  return { requests: Number(await redis.ask('XLEN', 'tailrace:0')), wireBytes: inBytes };
}
