/** A program that ends when its worker has given its thread back: what it traces last is delivered. */
import { setTimeout } from 'node:timers/promises';
import { Tailrace } from 'tailrace';

const [baseUrl, way] = process.argv.slice(2);
const tailrace = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl, workerIdleMs: 10 });
tailrace.span({ name: 'first' }).end();
await tailrace.flush();
while (process.report.getReport().workers.length > 0) await setTimeout(5);
if (way === 'with nothing more') process.exit(0);
tailrace.span({ name: 'last' }).end();
tailrace.span({ name: 'open' });
if (way === 'by process.exit()') process.exit(0);
if (way === 'by an exception') throw new Error('boom');
if (way === 'by SIGTERM') {
  process.kill(process.pid, 'SIGTERM');
  await setTimeout(10_000);
}
