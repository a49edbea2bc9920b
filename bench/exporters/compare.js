/**
 * What an event costs with an exporter beside the Langfuse exporter: the same generations (recorded text of 2 KB in two fields each, 2,000 a
 * second) in a fresh process for each exporter and round. The rounds are interleaved; what is printed is the median. Servers are processes of
 * their own, as the sink is.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startSink } from '../harness/sink-client.js';
import { medians } from '../harness/statistics.js';
import { printTable } from '../report/terminal.js';

const ROUNDS = 3;
const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));

/** `reset` empties the server; `countEvents` says how many are there. */
export async function compareWithLangfuse(exporter, { url, reset, countEvents }) {
  const cases = ['nothing', 'langfuse none', `${exporter} none`, 'langfuse gzip', `${exporter} gzip`];
  const sink = await startSink();
  const results = new Map(cases.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of round % 2 === 0 ? cases : cases.toReversed()) {
      await sink.reset();
      await reset();
      const child = fork(CHILD, [name, sink.url, url], { execArgv: ['--expose-gc'] });
      const [{ events, ...figures }] = await once(child, 'message');
      const arrived = name.startsWith(exporter) ? await countEvents() : (await sink.counts()).delivered;
      results.get(name).push({ ...figures, lost: name === 'nothing' ? 0 : events - arrived });
    }
  }
  sink.stop();

  const nothing = medians(results.get('nothing'));
  printTable([
    ['', 'main thread CPU, µs/event', 'process CPU, µs/event', 'share of langfuse', 'lost'],
    ...cases.map((name) => {
      const { mainMicros, processMicros } = medians(results.get(name));
      const langfuse = medians(results.get(name.replace(exporter, 'langfuse')));
      const share =
        (processMicros - nothing.processMicros) / (langfuse.processMicros - nothing.processMicros);
      return [
        name,
        (mainMicros - nothing.mainMicros).toFixed(1),
        (processMicros - nothing.processMicros).toFixed(1),
        name.startsWith(exporter) ? share.toFixed(2) : '',
        String(Math.max(...results.get(name).map(({ lost }) => lost))),
      ];
    }),
  ]);
}
