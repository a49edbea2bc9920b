/**
 * `npm run soak:receiver -- --seed 7 --bodies 50000`: mutated bodies and hostile questions for the local receiver.
 *
 * Prints the answers by status and the longest standstill of the receiver's event loop; an exit code of 1 at a fault.
 */
import { parseArgs } from 'node:util';
import { fuzzReceiver } from './receiver-fuzz.js';

const { values } = parseArgs({
  options: {
    bodies: { type: 'string', default: '50000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
/** Of computing: the machine may have other work. */
const MAX_BUSY_MS = 1_000;

console.log(`node ${process.version}, seed ${seed}: ${values.bodies} bodies`);
const started = performance.now();
const onProgress = (bodies) =>
  console.log(`${bodies} bodies, ${Math.round((performance.now() - started) / 1000)} s`);
const { faults, ...figures } = await fuzzReceiver({ seed, bodies: Number(values.bodies), onProgress });
console.log(figures);
if (figures.maxBusyMs > MAX_BUSY_MS)
  faults.push(`the receiver computed for ${figures.maxBusyMs} ms without a pause`);
for (const fault of faults) console.error(`FAULT: ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
