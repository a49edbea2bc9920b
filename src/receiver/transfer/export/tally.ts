/** Counts what an export has written, and names what it has left out. */

export interface ExportTally {
  traces: number;
  observations: number;
  scores: number;
  comments: number;
  media: number;
  /** How many things are left out. */
  leftOutCount: number;
  /** The first of them by name. */
  readonly leftOut: string[];
  leaveOut(name: string): void;
}

const MAX_NAMED = 20;

export function createTally(): ExportTally {
  const leftOut: string[] = [];
  return {
    traces: 0,
    observations: 0,
    scores: 0,
    comments: 0,
    media: 0,
    leftOutCount: 0,
    leftOut,
    leaveOut(name) {
      this.leftOutCount += 1;
      if (leftOut.length < MAX_NAMED) leftOut.push(name);
    },
  };
}
