/** What `npm run soak:receiver` does for fifty thousand bodies, for two thousand. */
import { expect, it } from 'vitest';

// Plain JavaScript, which the script runs on any Node.js.
const load = (file: string) => import(new URL(file, import.meta.url).href);
const SEED = 16;
const BODIES = 2_000;

it('a receiver that is sent mutated bodies answers them all, never with 500, and can be read', async () => {
  const { fuzzReceiver } = await load('./receiver-fuzz.js');
  const result = await fuzzReceiver({ seed: SEED, bodies: BODIES, monsterEvery: 150 });
  // Each names the seed and the body.
  expect(result.faults).toEqual([]);
  expect(result.bodies).toBe(BODIES);
  // It has come to what is to be proved: much is refused, much is stored, and that has been read.
  for (const status of [200, 207, 400]) expect(result.statuses[status], `${status}`).toBeGreaterThan(10);
  expect(result.statuses[413], 'monsters').toBeGreaterThan(3);
  for (const status of [200, 400, 404]) expect(result.readStatuses[status], `${status}`).toBeGreaterThan(100);
  expect(result.codes.length).toBeGreaterThan(20);
}, 900_000);
