/** The worker threads of this process, as Node.js itself counts them. */
import { vi } from 'vitest';

interface Report {
  readonly workers: readonly unknown[];
}

export function countWorkers(): number {
  const { report } = process as unknown as { report: { excludeNetwork: boolean; getReport(): Report } };
  report.excludeNetwork = true;
  return report.getReport().workers.length;
}

/** Resolves once there are so many. */
export function workersToBe(count: number): Promise<void> {
  return vi.waitFor(
    () => {
      const running = countWorkers();
      if (running !== count) throw new Error(`${running} worker threads run, not ${count}`);
    },
    { timeout: 20_000, interval: 10 },
  );
}
