/**
 * Loads what starting a worker needs, a little in each turn of the event loop: at once it blocks the application for
 * 20 ms, in these parts for 3 ms each (measured).
 */

import { createRequire } from 'node:module';
import { sleep } from '../shared/real-time.js';

// Both are CommonJS. Imported, Node.js 20 first scans their sources for exports: 10 ms for comlink alone.
const require = createRequire(import.meta.url);
let piscina: Promise<typeof import('piscina')> | undefined;

/** Lets the application have its turn. A timer: an unref'd immediate would wait until something else wakes the loop. */
export function nextTurn(): Promise<void> {
  return sleep(1);
}

export async function loadComlink(): Promise<typeof import('comlink')> {
  await nextTurn();
  return require('comlink');
}

export function loadPiscina(): Promise<typeof import('piscina')> {
  piscina ??= loadPiscinaInParts().catch((error) => {
    // The next life tries again: it may have been a moment without file handles.
    piscina = undefined;
    throw error;
  });
  return piscina;
}

const PARTS_OF_PISCINA = ['node:assert', 'node:perf_hooks', './task_queue', './worker_pool'];

async function loadPiscinaInParts(): Promise<typeof import('piscina')> {
  // The first worker of a process pipes its output into these streams, and sets them up if nobody has used them: 3 ms.
  await nextTurn();
  void process.stdout;
  void process.stderr;
  const requireInPiscina = createRequire(require.resolve('piscina'));
  for (const part of PARTS_OF_PISCINA) {
    await nextTurn();
    try {
      requireInPiscina(part);
    } catch {
      // A later piscina may be cut differently; what is left comes with the whole, below.
    }
  }
  await nextTurn();
  return require('piscina');
}
