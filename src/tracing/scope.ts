/** What is active where an application's code runs: the observation that it runs in, and attributes for new ones. */
import type { AsyncLocalStorage } from 'node:async_hooks';
import type { Observation } from './observation.js';
import type { Propagated } from './propagated.js';

export interface Scope {
  readonly observation: Observation | null;
  /** OpenTelemetry's active span when this scope began: one that is active later lies further inside. */
  readonly otelSpan: unknown;
  readonly propagated: Propagated | null;
}

/**
 * One for each client. Nothing is set up before it is used: a process with an AsyncLocalStorage pays for it at every
 * promise (Node.js 20).
 */
export interface ScopeStorage {
  storage: AsyncLocalStorage<Scope> | undefined;
}

export function createScopeStorage(): ScopeStorage {
  return { storage: undefined };
}

export function activeScope({ storage }: ScopeStorage): Scope | undefined {
  return storage?.getStore();
}

export function runInScope<R>(scopes: ScopeStorage, scope: Scope, run: () => R): R {
  if (scopes.storage === undefined) {
    const { AsyncLocalStorage } = process.getBuiltinModule('node:async_hooks');
    scopes.storage = new AsyncLocalStorage();
  }
  return scopes.storage.run(scope, run);
}
