/** What a worker thread of ours takes over from the application's process: its environment and limits, and none of its preloads. */
import type { EngineOptions } from '../shared/options.js';

/** Options of `new Worker`, and of a pool that makes workers. */
export interface WorkerSettings {
  readonly execArgv: string[];
  readonly env: NodeJS.ProcessEnv;
  readonly resourceLimits?: EngineOptions['resourceLimits'];
}

export function workerSettings(resourceLimits: EngineOptions['resourceLimits']): WorkerSettings {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return {
    // The application's preloads must not run in our worker: one that starts tracing would start a worker, which …
    execArgv: [],
    env,
    ...(resourceLimits && { resourceLimits }),
  };
}
