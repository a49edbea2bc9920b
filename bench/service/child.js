/** The service: `child.js '{ subject, url }'`. Each request takes some 0.3 ms of work of its own, and leaves a trace of six generations. */
import fastify from 'fastify';
import { textsOf } from '../harness/payloads.js';
import { mainThreadCpuNanos } from '../harness/thread-cpu.js';
import { subjectOf } from '../subjects/registry.js';

const GENERATIONS = 6;
const TEXT_BYTES = 1_000;
/** Of the service's own document, which it parses and writes again: some 0.3 ms. */
const DOCUMENT_ROWS = 450;

const { subject: id, url } = JSON.parse(process.argv[2]);
const subject = await subjectOf(id);
const client = (await subject.load())({ url });
const texts = textsOf(TEXT_BYTES, 'english');
const document = JSON.stringify(
  Array.from({ length: DOCUMENT_ROWS }, (_, i) => ({
    id: i,
    name: `row ${i}`,
    tags: ['a', 'b'],
    on: i % 2 === 0,
  })),
);

let requests = 0;
let next = 0;
const app = fastify();
app.get('/', () => {
  requests++;
  const trace = client.openTrace(requests);
  for (let i = 0; i < GENERATIONS; i++) {
    const n = next++;
    const text = (offset) => texts[(n * 3 + offset) % texts.length];
    const input = [
      { role: 'system', content: text(0) },
      { role: 'user', content: text(1) },
    ];
    client.record(trace, `#e${n};`, input, { role: 'assistant', id: `#o${n};`, content: text(2) }, n);
  }
  client.closeTrace(trace);
  return { length: JSON.stringify(JSON.parse(document)).length };
});
await app.listen({ port: 0, host: '127.0.0.1' });

process.on('message', async (command) => {
  if (command === 'flush') await client.flush();
  const { user, system } = process.cpuUsage();
  process.send({
    requests,
    cpuMicros: user + system,
    mainMicros: (mainThreadCpuNanos() ?? Number.NaN) / 1000,
    spansPerRequest: GENERATIONS,
  });
  if (command === 'flush') next = 0;
});
process.send({ port: app.server.address().port });
