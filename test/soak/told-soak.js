/**
 * A stream of events to a server that refuses some of them in each of its ways, and a worker that is killed at any moment: what
 * is reported to the application as failed, and what is counted, are the same numbers.
 */
import { setTimeout } from 'node:timers/promises';
import { createEngine } from '../../dist/engine.js';
import {
  countTaken,
  EXPORTER,
  pushWhileKilling,
  startEventServer,
  startVictim,
  untilChanged,
} from './killing.js';
import { chance } from './pattern.js';

/** @returns The engine's counts; what was reported; events that the server has or lacks, against that. */
export async function soakTold({ kills, seed, engineOptions = {} }) {
  const random = chance(seed);
  const server = await startServer(random);
  const victim = startVictim(server.url, random, engineOptions);
  const { engine } = victim;
  let told = 0;
  engine.on('error', (_message, { events }) => {
    told += events;
  });
  engine.on('drop', () => {});
  const unfit = new Set();
  const pushed = await pushWhileKilling(victim, {
    kills,
    random,
    push(id, text) {
      // Some that the exporter does not take.
      const isUnfit = random(50) === 0;
      const isAccepted = engine.push({ id, text, unfit: isUnfit });
      if (isAccepted && isUnfit) unfit.add(id);
      return isAccepted;
    },
    untilDue: () => untilChanged(engine, ({ sent, failed, spooled }) => sent + failed + spooled),
    maxPauseMs: 25,
  });
  const counts = await victim.shutdown();
  server.isKind = true;
  const recovered = counts.spooled === 0 ? 0 : await recover(engineOptions, server.url);
  server.close();
  const known = Array.from({ length: pushed }, (_, id) => id);
  return {
    counts,
    told,
    /** What another process finds on the disk. */
    recovered,
    pushed,
    /** The server has neither taken nor refused it. */
    unheard: known.filter((id) => !server.taken.has(id) && !server.refused.has(id) && !unfit.has(id)).length,
    repeated: [...server.taken.values()].filter((times) => times > 1).length,
  };
}

async function recover({ spoolDir }, url) {
  const exporter = { url: EXPORTER, options: { url } };
  const engine = createEngine({ exporter, spoolDir, flushTimeoutMs: 60_000 });
  const { recovered } = await engine.shutdown();
  return recovered;
}

async function startServer(random) {
  const state = { taken: new Map(), refused: new Set(), isKind: false };
  const { taken, refused } = state;
  const server = await startEventServer(async (events, response) => {
    const fate = state.isKind ? 100 : random(100);
    // What stands behind the head while others settle is what a death puts to the test.
    if (random(10) === 0) await setTimeout(random(60));
    if (fate < 2) return;
    if (fate < 15) return void response.writeHead(503).end();
    if (fate < 40) {
      for (const { id } of events) refused.add(id);
      return void response.writeHead(400).end();
    }
    if (fate < 70) {
      const unwanted = [];
      for (const [index, event] of events.entries()) {
        const lot = random(4);
        if (lot > 1) countTaken(taken, event);
        else unwanted.push({ index, reason: 'unwanted', retryable: lot === 1 });
        if (lot === 0) refused.add(event.id);
      }
      return void response.writeHead(207).end(JSON.stringify(unwanted));
    }
    for (const event of events) countTaken(taken, event);
    response.end();
  });
  return Object.assign(state, server);
}
