/** Flushes that wait for spans to settle: those do so in the order in which they were accepted, so that a count tells. */

export interface Settlement {
  waiting: { readonly accepted: number; readonly resolve: () => void }[];
}

export function createSettlement(): Settlement {
  return { waiting: [] };
}

/** Resolves once so many have settled; `tellSettled` says so. */
export function whenSettled(settlement: Settlement, accepted: number): Promise<void> {
  return new Promise((resolve) => {
    settlement.waiting.push({ accepted, resolve });
  });
}

export function tellSettled(settlement: Settlement, settled: number): void {
  const over = settlement.waiting.filter(({ accepted }) => accepted <= settled);
  settlement.waiting = settlement.waiting.filter(({ accepted }) => accepted > settled);
  for (const { resolve } of over) resolve();
}
