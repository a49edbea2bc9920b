/**
 * A stream of events, and a worker that is killed again and again at any moment: while it starts, takes, sends, waits. A
 * server counts by id what it has answered as a success.
 */
import { countTaken, pushWhileKilling, startEventServer, startVictim, untilChanged } from './killing.js';
import { chance } from './pattern.js';

/** Unanswered, refused for now, or taken: a killed worker leaves some of each. */
const UNANSWERED_OF_100 = 2;
const REFUSED_OF_100 = 10;

/** @returns The engine's counts, the ids that the server lacks, and the errors that name what was dropped after retries. */
export async function soakKills({ kills, seed, onKill }) {
  const random = chance(seed);
  const taken = new Map();
  const server = await startEventServer((events, response) => {
    const fate = random(100);
    if (fate < UNANSWERED_OF_100) return;
    if (fate < UNANSWERED_OF_100 + REFUSED_OF_100) return void response.writeHead(503).end();
    for (const event of events) countTaken(taken, event);
    response.end();
  });
  const victim = startVictim(server.url, random);
  const { engine } = victim;
  const errors = [];
  engine.on('error', (message) => errors.push(message));
  const pushed = await pushWhileKilling(victim, {
    kills,
    random,
    push: (id, text) => engine.push({ id, text }),
    // One in ten at once, which hits the start of a worker; the others when something has settled since: a worker that
    // makes no progress is followed by a back-off, and further ones by longer back-offs.
    untilDue: async (killed) => killed % 10 === 9 || untilChanged(engine, ({ sent }) => sent),
    maxPauseMs: 30,
    onKill,
  });
  const counts = await victim.shutdown();
  server.close();
  return { counts, errors, ...missingAndRepeated(pushed, taken) };
}

function missingAndRepeated(pushed, taken) {
  const missing = [];
  for (let id = 0; id < pushed; id++) if (!taken.has(id)) missing.push(id);
  const unknown = [...taken.keys()].filter((id) => id >= pushed);
  const repeated = [...taken.values()].filter((times) => times > 1).length;
  return { pushed, missing, unknown, repeated };
}
