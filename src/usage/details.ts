/** Reads token usage and cost in the shapes that clients send. */

import { type Details, usageDetailsOf } from '../shared/usage-details.js';

export type { Details } from '../shared/usage-details.js';

/** Reads usage details, an object of numbers, in any of the spellings. Null if there is no number. */
export function readUsageDetails(raw: unknown): Details | null {
  return isObject(raw) ? (usageDetailsOf(raw, toCount) ?? null) : null;
}

function toCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function readCostDetails(raw: unknown): Details | null {
  if (!isObject(raw)) return null;
  const entries = Object.entries(raw).filter(
    ([, value]) => typeof value === 'number' && Number.isFinite(value),
  );
  return entries.length === 0 ? null : (Object.fromEntries(entries) as Details);
}

/** The total: as given, or the sum of all other keys. Null without details. */
export function totalOf(details: Details | null): number | null {
  if (details === null) return null;
  if (details.total !== undefined) return details.total;
  return Object.values(details).reduce((sum, value) => sum + value, 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
