/**
 * What an event costs with each exporter: `npm run bench:exporters`, or with `-- --only langfuse,redis --rounds 5`. The same generations
 * (recorded text of 2 KB in two fields each, 2,000 a second) in a fresh process for each exporter and round; the rounds are interleaved, what is
 * printed is the median. Servers are processes of their own, but for that of the clickhouse exporter.
 */
import { parseArgs } from 'node:util';
import { DESTINATIONS } from './exporters/destinations.js';
import { runExporter } from './exporters/run-exporter.js';
import { medians } from './harness/statistics.js';
import { printTable } from './report/terminal.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(DESTINATIONS).join() },
    rounds: { type: 'string', default: '3' },
    events: { type: 'string', default: '8000' },
  },
});
const [rounds, events] = [values.rounds, values.events].map(Number);
const job = { workload: '2KB-english', perSecond: 2_000, warmUp: 3_000, events };

const servers = new Map();
for (const name of new Set(['langfuse', ...values.only.split(',')])) {
  const destination = DESTINATIONS[name];
  if (destination === undefined) {
    throw new RangeError(`--only must be among ${Object.keys(DESTINATIONS).join()}, but got: ${name}`);
  }
  const server = await destination.start();
  if (server === undefined) console.log(`${name} is left out: ${destination.missing}`);
  else servers.set(name, server);
}

const cases = ['none', 'gzip'].flatMap((compression) =>
  Array.from(servers, ([name, server]) => ({
    name,
    compression,
    server,
    options: { ...server.options, compression },
    results: [],
  })),
);
cases.unshift({ name: 'nothing', results: [] });
for (let round = 0; round < rounds; round++) {
  for (const one of round % 2 === 0 ? cases : cases.toReversed()) {
    await one.server?.reset();
    const figures = await runExporter({ ...job, options: one.options });
    const lost = one.server === undefined ? 0 : job.warmUp + events - (await one.server.arrived());
    one.results.push({ ...figures, lost });
  }
}
for (const { stop } of servers.values()) await stop();

const nothing = medians(cases[0].results);
const net = ({ results }, figure) => medians(results)[figure] - nothing[figure];
const traced = cases.slice(1);
printTable([
  [
    'µs/event above a client that does nothing',
    'main thread CPU',
    '× langfuse',
    'process CPU',
    '× langfuse',
    'lost',
  ],
  ...traced.map((one) => {
    const langfuse = traced.find(
      ({ name, compression }) => name === 'langfuse' && compression === one.compression,
    );
    return [
      `${one.name}, ${one.compression === 'none' ? 'uncompressed' : one.compression}`,
      ...['mainMicros', 'processMicros'].flatMap((figure) => [
        net(one, figure).toFixed(1),
        (net(one, figure) / net(langfuse, figure)).toFixed(2),
      ]),
      String(Math.max(...one.results.map(({ lost }) => lost))),
    ];
  }),
]);
