/** What the server adds to the usage and cost of one observation, from the columns that a store has of it. */

import { parseIfJson } from '../../ingest/json-text.js';
import type { JsonText, Micros } from '../../ingest/rows.js';
import type { Details } from '../../usage/details.js';
import type { Estimate } from '../../usage/estimator.js';
import { marksFromMetadata } from '../../usage/figures.js';
import type { StoredEstimate } from './contract/rows.js';

interface Estimated {
  type: string;
  model: string;
  level: string | null;
  startUs: Micros;
  usageDetails: JsonText | null;
  costDetails: JsonText | null;
  metadata: JsonText | null;
  /** Called only if text must be counted. */
  input: () => string | null;
  output: () => string | null;
}

export function storedEstimate(observation: Estimated, estimate: Estimate): StoredEstimate {
  const metadata = parse(observation.metadata);
  const figures = estimate({
    type: observation.type.toLowerCase(),
    model: observation.model,
    ...providerOf(metadata),
    isError: observation.level === 'ERROR',
    startTime: new Date(observation.startUs / 1000),
    usageDetails: parse(observation.usageDetails) as Details | null,
    costDetails: parse(observation.costDetails) as Details | null,
    input: () => payload(observation.input()),
    output: () => payload(observation.output()),
  });
  // A client that estimates by itself says so in the metadata: its figures are given, but still estimates.
  const marks = figures?.marks ?? marksFromMetadata(metadata);
  return { ...figures, ...(marks && { marks }) };
}

/** OpenTelemetry has two names for the provider; the newer first. */
function providerOf(metadata: unknown): { provider?: string } {
  const { attributes } = (metadata ?? {}) as { attributes?: Record<string, unknown> };
  const provider = attributes?.['gen_ai.provider.name'] ?? attributes?.['gen_ai.system'];
  return typeof provider === 'string' ? { provider } : {};
}

const payload = (text: string | null): unknown => (text === null ? null : parseIfJson(text));
const parse = (json: JsonText | null): unknown => (json === null ? null : (JSON.parse(json) as unknown));
