/**
 * The packed package in each place where people run it, with the real tools, `npm run test:places`.
 *
 *   npm run test:places -- --list                       their names, and whether `npm test` has them as well
 *   npm run test:places -- --only webpack --only next   those with "webpack" or "next" in group or name
 *   npm run test:places -- --write                      writes results.json and the table in README.md here
 */
import { parseArgs } from 'node:util';
import { packPackage } from './harness/installed.js';
import { writeResults } from './harness/results.js';
import { tryPlace } from './harness/try-place.js';
import { places } from './index.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [''] },
    list: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const chosen = places.filter(({ group, name }) =>
  values.only.some((part) => `${group} ${name}`.toLowerCase().includes(part.toLowerCase())),
);

if (values.list) {
  for (const { group, name, fast } of chosen)
    console.log(`${group}: ${name}${fast ? '' : ' (not in npm test)'}`);
} else {
  const packed = packPackage();
  const rows = [];
  for (const place of chosen) {
    const row = await tryPlace(place, packed);
    rows.push(row);
    console.log(
      `${row.result.padEnd(5)} ${String(row.seconds).padStart(4)} s  ${place.group}: ${place.name}`,
    );
    if (row.why !== '') console.log(`               ${row.why.replaceAll('\n', '\n               ')}`);
  }
  packed.remove();
  if (values.write) writeResults(places, rows);
  if (rows.some(({ result }) => result === 'fails')) process.exitCode = 1;
}
