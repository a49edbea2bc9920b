/** The places that are tried fast enough to be tried each time; `npm run test:places` tries all. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Packed, packPackage } from './harness/installed.js';
import { tryPlace } from './harness/try-place.js';
import { places } from './index.js';

/** The first time a place's tools are installed. */
const TIMEOUT_MS = 300_000;

let packed: Packed;
beforeAll(() => {
  packed = packPackage();
}, TIMEOUT_MS);
afterAll(() => packed.remove());

const fast = places.filter((place) => place.fast);

describe.each([...new Set(fast.map(({ group }) => group))])('%s', (group) => {
  it.for(fast.filter((place) => place.group === group))(
    '$name: everything that is traced arrives',
    { timeout: TIMEOUT_MS },
    async (place, { skip }) => {
      const { result, why } = await tryPlace(place, packed);
      skip(result === 'not to be had here', why);
      expect({ result, why }).toEqual({ result: 'works', why: '' });
    },
  );
});
