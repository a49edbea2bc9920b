/** What was handed over, what the server has, and what was told and counted of the rest: by name of an event. */

export function createAccount() {
  /** By the first part of the names, a source of events: the number of each event that the server has acknowledged, and its id. */
  const sources = new Map();
  const faults = [];

  function acknowledge({ names, ids }) {
    for (const [index, name] of names.entries()) {
      const [, source, number] = /^(.*)\.(\d+)$/.exec(name) ?? [];
      if (source === undefined) continue;
      const known = sources.get(source) ?? new Map();
      sources.set(source, known);
      const before = known.get(number);
      if (before === undefined) known.set(number, ids[index]);
      else if (before !== ids[index]) faults.push(`${name} has come under two ids`);
    }
  }

  /** How many events of this source the server has. */
  const acknowledged = (source) => sources.get(source)?.size ?? 0;

  return { acknowledge, acknowledged, faults };
}
