/** In the place of `shared/runtime/real-time`, for tests of a part alone that have vitest's clock: looked up when it is called. */
export const setTimeout = ((...args: Parameters<typeof globalThis.setTimeout>) =>
  globalThis.setTimeout(...args)) as typeof globalThis.setTimeout;
export const clearTimeout: typeof globalThis.clearTimeout = (timer) => globalThis.clearTimeout(timer);
export const setInterval = ((...args: Parameters<typeof globalThis.setInterval>) =>
  globalThis.setInterval(...args)) as typeof globalThis.setInterval;
export const clearInterval: typeof globalThis.clearInterval = (timer) => globalThis.clearInterval(timer);
export const monotonicNow = (): number => performance.now();
export const systemNow = (): number => Date.now();
