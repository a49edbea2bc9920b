/** Which event of the classic ingestion a field's value is of, and whether a later one replaces it. */

import { define, type Metadata, mergeBelow, mergedValue } from '../../ingest/merge.js';
import type { ObservationRow } from '../../ingest/rows.js';
import type { EventOrder } from './changes.js';

/** The names that fields have in `Orders`, which exports contain. */
export const ORDERED_FIELDS: readonly (readonly [name: string, field: keyof ObservationRow])[] = [
  ['parent_id', 'parentId'],
  ['type', 'type'],
  ['level', 'level'],
  ['start_us', 'startUs'],
  ['end_us', 'endUs'],
  ['total_tokens', 'totalTokens'],
  ['total_cost', 'totalCost'],
  ['name', 'name'],
  ['completion_start_us', 'completionStartUs'],
  ['status_message', 'statusMessage'],
  ['version', 'version'],
  ['environment', 'environment'],
  ['model', 'model'],
  ['model_parameters', 'modelParameters'],
  ['usage_details', 'usageDetails'],
  ['cost_details', 'costDetails'],
  ['prompt_name', 'promptName'],
  ['prompt_version', 'promptVersion'],
  ['metadata', 'metadata'],
  ['input_payload', 'input'],
  ['output_payload', 'output'],
];

/** By name of the field, and by key of metadata. */
export interface Orders {
  columns: Record<string, EventOrder>;
  metadata: Record<string, EventOrder>;
}

/** With equal times the first create wins, or the last update. */
export function beats(order: EventOrder, stored: EventOrder | undefined): boolean {
  if (stored === undefined) return true;
  return order % 2 === 1 ? order >= stored : order > stored;
}

export function ordersIn(text: string | null): Orders {
  return text === null ? { columns: {}, metadata: {} } : (JSON.parse(text) as Orders);
}

/** Null: metadata does not change. Changes `orders`. */
export function mergedMetadata(
  before: string | null,
  change: string | null,
  order: EventOrder,
  orders: Orders,
): string | null {
  if (change === null) return null;
  const metadata = (before === null ? {} : JSON.parse(before)) as Metadata;
  for (const [key, value] of Object.entries(JSON.parse(change) as Metadata)) {
    const isKnown = Object.hasOwn(metadata, key);
    const stored = Object.hasOwn(orders.metadata, key) ? orders.metadata[key] : undefined;
    const isNewer = !isKnown || beats(order, stored);
    if (!isKnown) define(metadata, key, value);
    else
      define(metadata, key, isNewer ? mergedValue(metadata[key], value) : mergeBelow(value, metadata[key]));
    if (isNewer) define(orders.metadata, key, order);
  }
  return JSON.stringify(metadata);
}
