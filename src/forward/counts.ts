/** What a forwarder has done since its start. */

export interface LaneCounts {
  /** Events. */
  delivered: number;
  refused: number;
  skipped: number;
}

export interface ForwardCounts {
  /** By lane. */
  readonly lanes: Map<string, LaneCounts>;
  /** Entries that came to their end. */
  entries: number;
  duplicates: number;
  /** Entries taken over from forwarders that are gone. */
  claimed: number;
  deadLetters: number;
  /** Older dead letters that had to go for new ones. */
  deadLettersDropped: number;
  /** Attempts that the target answered with a refusal for now, or not at all. */
  retries: number;
}

export function createCounts(): ForwardCounts {
  return {
    lanes: new Map(),
    entries: 0,
    duplicates: 0,
    claimed: 0,
    deadLetters: 0,
    deadLettersDropped: 0,
    retries: 0,
  };
}

export function laneOf({ lanes }: ForwardCounts, lane: string): LaneCounts {
  const counts = lanes.get(lane) ?? { delivered: 0, refused: 0, skipped: 0 };
  lanes.set(lane, counts);
  return counts;
}

export function totalOf({ lanes }: ForwardCounts, what: keyof LaneCounts): number {
  return [...lanes.values()].reduce((total, lane) => total + lane[what], 0);
}
