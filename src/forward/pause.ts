/** A wait that ends early when a signal is aborted, and leaves nothing behind on the signal. */
import { clearTimeout, setTimeout } from '../shared/runtime/real-time.js';

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
