/** Names of dimensions and measures: those of a view, and those that only a Langfuse server has. */

import { missingHere } from '../../http/missing.js';
import type { Dimension, Measure, MetricsView } from '../../store/contract/metrics-views.js';
import { wrong } from './fields.js';

/** Dimension or measure of a server → the feature that it belongs to. */
const ELSEWHERE: Record<string, string> = {
  toolNames: 'tool statistics',
  calledToolNames: 'tool statistics',
  toolDefinitions: 'tool statistics',
  toolCalls: 'tool statistics',
  experimentName: 'experiments',
  experimentId: 'experiments',
  experimentDatasetId: 'experiments',
  evaluatorId: 'evaluators',
};

export function dimensionOf(view: MetricsView, name: string, field: string): Dimension {
  return find(view.dimensions, name, field);
}

export function measureOf(view: MetricsView, name: string, field: string): Measure {
  return find(view.measures, name, field);
}

export function requireHere(name: string): void {
  const feature = Object.hasOwn(ELSEWHERE, name) ? ELSEWHERE[name] : undefined;
  if (feature !== undefined) throw missingHere(feature, `metrics by ${name}`);
}

function find<T>(known: Readonly<Record<string, T>>, name: string, field: string): T {
  const found = Object.hasOwn(known, name) ? known[name] : undefined;
  if (found !== undefined) return found;
  requireHere(name);
  throw wrong(field, `one of ${Object.keys(known).join(', ')}`, name);
}
