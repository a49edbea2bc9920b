/** Tries one place, and says what came of it. */
import { Failure, NotHere, openPlace } from './place.js';

/** @returns {Promise<{ result: 'works' | 'fails' | 'not to be had here', why: string, seconds: number }>} */
export async function tryPlace(definition, packed) {
  const startedAt = performance.now();
  const outcome = await outcomeOf(definition, packed);
  return { ...outcome, seconds: Math.round((performance.now() - startedAt) / 100) / 10 };
}

async function outcomeOf(definition, packed) {
  let place;
  try {
    place = openPlace(definition, packed);
    await definition.run(place);
    return { result: 'works', why: '' };
  } catch (error) {
    if (error instanceof NotHere) return { result: 'not to be had here', why: error.message };
    if (error instanceof Failure) return { result: 'fails', why: error.message };
    return { result: 'fails', why: `the script itself: ${error?.stderr || error?.stack || error}` };
  } finally {
    place?.close();
  }
}
