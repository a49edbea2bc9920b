/** `npm run soak:spool [runs]`: processes that spool are killed at random moments, 200 by default; nothing may be lost. */
import { killSpoolers } from '../support/spool-kills.mjs';

const runs = Number(process.argv[2] ?? 200);
const { missing, twice, wrong, left, ...counts } = await killSpoolers(runs, { log: console.log });
console.log(`${runs} runs:`, counts);
const faults = { missing, twice, wrong, left };
for (const [name, list] of Object.entries(faults)) {
  if (list.length > 0) console.error(`${name}: ${list.length}, the first: ${list.slice(0, 5).join(', ')}`);
}
process.exitCode = Object.values(faults).every((list) => list.length === 0) ? 0 : 1;
