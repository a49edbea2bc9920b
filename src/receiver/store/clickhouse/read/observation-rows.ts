/** Rows of observations for readers. */

import type { ObservationType } from '../../../../ingest/rows.js';
import { type Details, totalOf } from '../../../../usage/details.js';
import { marksFromMetadata } from '../../../../usage/figures.js';
import type { StoredObservation } from '../../contract/rows.js';
import type { Row } from '../connection/connection.js';
import { observationOfRow } from '../write/observation.js';
import { nameOf } from './row-values.js';

/** Of a row with the columns of `READ_COLUMNS`. */
export function storedObservation(source: Row): StoredObservation {
  const { row, createdUs, updatedUs } = observationOfRow(source);
  const total = (json: string | null) => (json === null ? null : totalOf(JSON.parse(json) as Details));
  return {
    ...row,
    type: row.type as ObservationType,
    totalTokens: total(row.usageDetails),
    totalCost: total(row.costDetails),
    estimate: estimateOf(source, row.metadata),
    createdUs,
    updatedUs,
  };
}

/** The exporter has no column of estimates: its marks are in the metadata. */
export function estimateOf(source: Row, metadata: string | null): string | null {
  const stored = nameOf(source.estimate);
  if (stored !== null) return stored;
  const marks = metadata?.includes('tailrace_') ? marksFromMetadata(JSON.parse(metadata)) : undefined;
  return marks === undefined ? null : JSON.stringify({ marks });
}
