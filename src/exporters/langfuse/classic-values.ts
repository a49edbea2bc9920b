/**
 * Values in the forms that the classic endpoint takes: it refuses the whole observation for one that it does not
 * (`CreateGenerationBody` in Langfuse's packages/shared/src/server/ingestion/types.ts).
 */

import { isRecord } from '../../records/metadata.js';
import { stringifyWellFormed } from '../../shared/json.js';
import { withoutNulls } from './ingestion.js';

/** Texts, numbers, truth values and lists of texts are taken as they are; anything else goes as its JSON text. */
export function toModelParameters(value: unknown): Record<string, unknown> {
  const parameters = isRecord(value) ? value : { parameters: value };
  const members = Object.entries(parameters).filter(([, one]) => one !== null);
  return Object.fromEntries(members.map(([name, one]) => [name, toParameter(one)]));
}

function toParameter(value: unknown): unknown {
  if (['string', 'number', 'boolean'].includes(typeof value)) return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  return stringifyWellFormed(value);
}

/** Usage and cost for servers of every age: `usage` is what those from before `usageDetails` (Langfuse 3) read. */
export function usageFields(
  usageDetails: unknown,
  costDetails: unknown,
  usageUnit: unknown,
): Record<string, unknown> {
  const counts = isRecord(usageDetails) ? usageDetails : null;
  const cost = isRecord(costDetails) ? costDetails : null;
  const usage = withoutNulls({
    input: counts?.input,
    output: counts?.output,
    total: counts?.total,
    unit: counts === null ? null : (usageUnit ?? 'TOKENS'),
    inputCost: cost?.input,
    outputCost: cost?.output,
    totalCost: cost?.total,
  });
  return withoutNulls({ usageDetails: counts, costDetails: cost, usage });
}
