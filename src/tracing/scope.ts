/** What is active for one client: the observation that code runs in, and attributes for new ones. */
import { activeValue, runWithValue } from '../shared/runtime/context.js';
import type { Observation } from './observation.js';
import type { Propagated } from './propagation/propagated.js';

export interface Scope {
  readonly observation: Observation | null;
  /** OpenTelemetry's active span when this scope began: one that is active later lies further inside. */
  readonly otelSpan: unknown;
  readonly propagated: Propagated | null;
}

/** Whose scopes they are: one for each client, told from others by its identity. */
export interface ScopeOwner {
  readonly kind: 'client';
}

export function createScopeOwner(): ScopeOwner {
  return { kind: 'client' };
}

export function activeScope(owner: ScopeOwner): Scope | undefined {
  return activeValue(owner) as Scope | undefined;
}

export function runInScope<R>(owner: ScopeOwner, scope: Scope, run: () => R): R {
  return runWithValue(owner, scope, run);
}
