/** Tries one place, and says what came of it. */
import { Failure, NotHere, openPlace } from './place.js';

/** @returns {Promise<import('./try-place.js').Tried>} */
export async function tryPlace(definition, packed) {
  const startedAt = performance.now();
  const outcome = await outcomeOf(definition, packed);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  return { name: definition.name, ...outcome, seconds };
}

async function outcomeOf(definition, packed) {
  // Each place can tell better, but for the most part it is this.
  const versions = { node: process.versions.node };
  let place;
  try {
    place = await openPlace(definition, packed);
    await definition.run(place);
    return { result: 'works', why: '', versions: { ...versions, ...place.versions } };
  } catch (error) {
    const result = error instanceof NotHere ? 'not to be had here' : 'fails';
    const isKnown = error instanceof NotHere || error instanceof Failure;
    const why = isKnown ? error.message : `the script itself: ${error?.stderr || error?.stack || error}`;
    return { result, why, versions: { ...versions, ...place?.versions } };
  } finally {
    place?.close();
  }
}
