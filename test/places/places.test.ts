/** The places that are tried fast enough to be tried each time; `npm run test:places` tries all. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Packed, packPackage } from './harness/installed.js';
import { tryPlace } from './harness/try-place.js';
import { places } from './index.js';

/** With the wait for a lane, and the first time with the installation of its tools. */
const TIMEOUT_MS = 900_000;

/** Two at a time: one downloads or waits while the other one works. More would slow each other down on two processors. */
const LANES = 2;
const waiting: (() => void)[] = [];
let running = 0;

async function inLane<R>(work: () => Promise<R>): Promise<R> {
  if (running >= LANES) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

let packed: Packed;
beforeAll(() => {
  packed = packPackage();
}, TIMEOUT_MS);
afterAll(() => packed.remove());

const fast = places.filter((place) => place.fast);

it.concurrent.for(fast)(
  '$group: $name: everything that is traced arrives',
  { timeout: TIMEOUT_MS },
  async (place, { skip }) => {
    const { result, why } = await inLane(() => tryPlace(place, packed));
    skip(result === 'not to be had here', why);
    expect({ result, why }).toEqual({ result: 'works', why: '' });
  },
);
