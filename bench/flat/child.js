/** One load, in a process of its own: microseconds of each call, the median of some, as JSON. */
import { Tailrace } from '../../dist/esm/index.js';
import { median } from '../harness/statistics.js';
import { mainThreadCpuNanos } from '../harness/thread-cpu.js';
import { LOADS, optionsOf } from './loads.js';

const [, , url, load, calls = 2_000] = process.argv;
const CALLS = Number(calls);
/** Calls that are dear by themselves: they wait, or make and end a client. */
const FEW = Math.min(50, CALLS);

const options = optionsOf(url);
const client = new Tailrace(options);
client.span({ name: 'first' }).end();
await client.flush();
const kept = await LOADS[load]({ Tailrace, client, options });
const figures = {};

/** In batches between which the ring drains, outside the measured time. */
async function measure(name, call, { calls = CALLS, before = () => {}, after = () => {} } = {}) {
  const micros = [];
  for (let i = 0; i < calls; i++) {
    const given = before(i);
    const startedAt = process.hrtime.bigint();
    const result = call(i, given);
    micros.push(Number(process.hrtime.bigint() - startedAt) / 1_000);
    await after(result);
    if (i % 200 === 0) await client.flush();
  }
  figures[name] = median(micros);
}

const hex = (i) => i.toString(16).padStart(32, 'a');
const parent = client.trace({ name: 'parent' });
const span = client.span({ name: 'long' });
const end = (handle) => void handle.end();

await measure('trace()', () => client.trace({ name: 'made' }), { after: end });
await measure('trace({id})', (i) => client.trace({ id: hex(i), name: 'made' }), { after: end });
await measure('span()', () => client.span({ name: 'made' }), { after: end });
await measure('generation({traceId})', (i) => client.generation({ traceId: hex(i), name: 'made' }), {
  after: end,
});
await measure('trace.generation()', () => parent.generation({ name: 'made' }), { after: end });
await measure('event()', () => client.event({ name: 'made' }));
await measure('score()', (i) => client.score({ traceId: hex(i), name: 'made', value: 1 }));
await measure('update()', (i) => span.update({ output: i }));
await measure('trace.update()', (i) => parent.update({ output: i }));
await measure('end()', (_, handle) => handle.end(), { before: () => client.span({ name: 'made' }) });
await measure('trace.end()', (_, handle) => handle.end(), { before: () => client.trace({ name: 'made' }) });
await measure('startActiveObservation()', () => client.startActiveObservation('made', () => {}));
await measure('propagateAttributes()', () => client.propagateAttributes({ userId: 'u' }, () => {}));
await measure('stats()', () => client.stats());
await measure('flush(), at once', () => client.flush(), { calls: FEW, after: (flushed) => flushed });
await measure('flushSync(), nothing pending', () => client.flushSync(), { calls: FEW });
await measure('on()', () => client.on('score-create', () => {}), { after: (off) => off() });
await measure('off()', (_, off) => off(), { before: () => client.on('score-create', () => {}) });
await measure('on(error), off()', () => client.on('error', () => {})());
await measure('on(debug), debug()', () => client.debug(false));
await measure('new Tailrace()', () => new Tailrace(options), {
  calls: FEW,
  after: (made) => made.shutdown(),
});
await measure('shutdown(), at once', (_, made) => made.shutdown(), {
  calls: FEW,
  before: () => new Tailrace(options),
  after: (ended) => ended,
});

/** The sweeps of a client that asks for them as often as it can, with nothing to do but those. */
const sweeping = new Tailrace({ ...options, flushInterval: 0.01 });
const alsoKept = await LOADS[load]({
  Tailrace,
  client: sweeping,
  options: { ...options, flushInterval: 0.01 },
});
sweeping.span({ name: 'open' });
await new Promise((resolve) => setTimeout(resolve, 500));
const before = mainThreadCpuNanos();
await new Promise((resolve) => setTimeout(resolve, 2_000));
if (before !== undefined) figures['CPU at rest, per second'] = (mainThreadCpuNanos() - before) / 2_000;

process.once('exit', () => {
  figures['the exit'] = Number(process.hrtime.bigint() - leftAt) / 1_000;
  console.log(JSON.stringify(figures));
});
const { emit } = process;
let leftAt;
process.emit = function (...args) {
  if (args[0] === 'exit') leftAt = process.hrtime.bigint();
  return Reflect.apply(emit, this, args);
};
globalThis.kept = [kept, alsoKept];
process.exit();
