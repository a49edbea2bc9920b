/** Runs cells in interleaved rounds: whatever else the machine does meanwhile, it does to all subjects. */
import { runChild } from './run-child.js';

/**
 * @returns {Promise<{cell: object, rounds: object[], troubles: object[]}[]>} for each cell, the figures of its rounds;
 * a round that gave none is left out, and named in `troubles`.
 */
export async function runRounds(cells, rounds, sink, progress) {
  const measured = cells.map((cell) => ({ cell, rounds: [], troubles: [] }));
  for (let round = 0; round < rounds; round++) {
    // There and back: a machine that gets busier during a round does not always meet the same subject.
    const order = round % 2 === 0 ? measured : measured.toReversed();
    for (const entry of order) {
      const { section, name, subject } = entry.cell;
      progress(`${section} · ${name} · round ${round + 1} of ${rounds} · ${subject.id}`);
      const { figures, troubles } = await runFresh(entry.cell.job, sink);
      entry.rounds[round] = figures;
      entry.troubles = addTroubles(entry.troubles, troubles);
    }
  }
  return measured;
}

/** The highest rate without loss, by halving the interval on a logarithmic scale; step by step for all subjects. */
export async function searchRates(cells, steps, [low, high], sink, progress) {
  const searches = cells.map((cell) => ({ cell, low, high, steps: [], sustained: 0, troubles: [] }));
  for (let step = 0; step < steps; step++) {
    for (const search of searches) {
      const perSecond = Math.round(Math.sqrt(search.low * search.high));
      progress(`rate · step ${step + 1} of ${steps} · ${search.cell.subject.id} · ${perSecond} events/s`);
      const sustained = await holds(search, perSecond, sink);
      search.steps.push({ perSecond, sustained });
      if (sustained) {
        search.sustained = perSecond;
        search.low = perSecond;
      } else {
        search.high = perSecond;
      }
    }
  }
  return searches.map(({ cell, sustained, steps, troubles }) => ({
    cell,
    rounds: [{ sustainedPerSecond: sustained }],
    troubles,
    steps,
  }));
}

/** A rate that fails gets a second chance: the machine may have been busy with something else. */
async function holds(search, perSecond, sink) {
  for (let attempt = 0; attempt < 2; attempt++) {
    const { figures, troubles } = await runFresh({ ...search.cell.job, perSecond }, sink);
    search.troubles = addTroubles(search.troubles, troubles);
    if (figures?.sustained === 1) return true;
  }
  return false;
}

async function runFresh(job, sink) {
  await sink.reset();
  await sink.delay(0);
  const { figures, stopped, troubles } = await runChild({ ...job, url: sink.url });
  if (!stopped || figures === undefined) return { figures, troubles };
  // It could not count any more; the sink has.
  const { delivered } = await sink.counts();
  return { figures: { ...figures, delivered, lost: figures.offered - delivered }, troubles };
}

/** Adds up the counts of equal messages. */
function addTroubles(before, more) {
  const counts = new Map(before.map(({ message, count }) => [message, count]));
  for (const { message, count } of more) counts.set(message, (counts.get(message) ?? 0) + count);
  return Array.from(counts, ([message, count]) => ({ message, count }));
}
