/** The sample's clock: the work takes no time here, so each step says how long it would have taken. */
export interface Clock {
  now(): Date;
  pass(ms: number): void;
}

export function createClock(startMs: number): Clock {
  let nowMs = startMs;
  return {
    now: () => new Date(nowMs),
    pass: (ms) => {
      nowMs += ms;
    },
  };
}
