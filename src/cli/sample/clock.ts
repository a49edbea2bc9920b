/** The sample's virtual clock: the steps take no real time, so each says how long it would take. */
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
