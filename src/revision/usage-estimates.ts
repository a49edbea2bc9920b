/** Token usage and cost that the application did not give, added to a record before it is encoded, and marked. */
import { isMainThread } from 'node:worker_threads';
import { type EventReader, readArrayHeader, readNil, readNumber, skip } from '../event/event-reader.js';
import type { ExporterContext } from '../shared/exporter.js';
import { Field, OBSERVATION, OBSERVATION_LEVELS, OBSERVATION_TYPES } from '../shared/records.js';
import type { PriceOverride } from '../shared/usage-options.js';
import { readCostDetails, readUsageDetails } from '../usage/details.js';
import { createEstimator, type Estimate } from '../usage/estimator.js';
import { type Marks, marksToMetadata } from '../usage/figures.js';
import type { OpenRecord, Revision } from './revision.js';

const ERROR = OBSERVATION_LEVELS.indexOf('ERROR');
const BILLED = [OBSERVATION_TYPES.indexOf('generation'), OBSERVATION_TYPES.indexOf('embedding')];

/** None where the engine runs without its worker: a tokenizer has no place on the application's thread. */
export function createUsageRevisions(
  prices: readonly PriceOverride[],
  { warning }: Pick<ExporterContext, 'warning'>,
): Revision[] {
  const warn = (message: string) => warning('estimateUsage', `option estimateUsage: ${message}`);
  if (isMainThread) {
    warn('usage is estimated in the worker only, and there is none; what was not given stays unknown');
    return [];
  }
  return [createUsageRevision(createEstimator(prices, warn))];
}

export function createUsageRevision(estimate: Estimate): Revision {
  return {
    wants: isWithoutCost,
    apply(record) {
      addFigures(record, estimate);
      return undefined;
    },
  };
}

/** A generation or an embedding of a model, without a cost. Reads no further than that. */
function isWithoutCost(bytes: Buffer): boolean {
  const reader: EventReader = { bytes, position: 0 };
  readArrayHeader(reader);
  if (readNumber(reader) !== OBSERVATION) return false;
  if (!BILLED.includes(readNumber(reader))) return false;
  for (let field: number = Field.traceId; field < Field.model; field++) skip(reader);
  if (readNil(reader)) return false;
  for (let field: number = Field.model; field < Field.costDetails; field++) skip(reader);
  return readNil(reader);
}

function addFigures(record: OpenRecord, estimate: Estimate): void {
  const figures = estimate({
    type: OBSERVATION_TYPES[record[Field.type] as number] as string,
    model: String(record[Field.model]),
    isError: record[Field.level] === ERROR,
    startTime: new Date(record[Field.startTime] as number),
    usageDetails: readUsageDetails(record[Field.usageDetails]),
    costDetails: readCostDetails(record[Field.costDetails]),
    input: () => record[Field.input],
    output: () => record[Field.output],
  });
  if (figures === undefined) return;
  const { usageDetails, costDetails, marks } = figures;
  if (usageDetails !== undefined) record[Field.usageDetails] = usageDetails;
  if (costDetails !== undefined) record[Field.costDetails] = costDetails;
  record[Field.metadata] = withMarks(record[Field.metadata] as unknown[] | null, marks);
}

/** Metadata that is no object, as a text, would be replaced by a part that comes after it: it goes under a key. */
function withMarks(parts: readonly unknown[] | null, marks: Marks): unknown[] {
  const added = marksToMetadata(marks);
  if (parts === null) return [added];
  if (parts.every(isRecord)) return [...parts, added];
  return [{ metadata: parts.at(-1), ...added }];
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
