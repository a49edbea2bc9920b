/** Adds token usage and cost that the application did not give to a record before it is encoded, and marks them. */
import { isMainThread } from 'node:worker_threads';
import { type EventReader, readNil } from '../event/event-reader.js';
import { message, warnBy } from '../messages/message.js';
import { OBSERVATION, readKind } from '../records/kinds.js';
import { FIELD, readObservationHead, skipFields } from '../records/observation.js';
import { OBSERVATION_LEVELS, OBSERVATION_TYPES } from '../records/vocabulary.js';
import type { ExporterContext } from '../shared/contract/exporter.js';
import type { PriceOverride } from '../shared/contract/prices.js';
import { readCostDetails, readUsageDetails } from '../usage/details.js';
import { createEstimator, type Estimate } from '../usage/estimator.js';
import { type Figures, type Marks, marksToMetadata } from '../usage/figures.js';
import { type LoadEncoding, loadEncoding } from '../usage/libraries.js';
import type { OpenRecord, Revision } from './revision.js';

const ERROR = OBSERVATION_LEVELS.indexOf('ERROR');
const BILLED = [OBSERVATION_TYPES.indexOf('generation'), OBSERVATION_TYPES.indexOf('embedding')];

/** None if the engine runs without its worker: a tokenizer must not run on the application's thread. */
export function createUsageRevisions(
  prices: readonly PriceOverride[],
  { warning, stillAlive, apart }: Pick<ExporterContext, 'warning' | 'stillAlive' | 'apart'>,
): Revision[] {
  if (isMainThread) {
    warnBy(warning, message('TAILRACE_USAGE_NEEDS_WORKER'));
    return [];
  }
  // The first observation that needs an encoding loads it, which takes longer than any work on one record.
  const load: LoadEncoding = (name) => apart(() => loadEncoding(name));
  return [
    createUsageRevision(
      createEstimator(prices, (missing) => warnBy(warning, missing), load),
      stillAlive,
    ),
  ];
}

/** How many marked observations are remembered by their ids. */
const MAX_MARKED = 10_000;

export function createUsageRevision(estimateFigures: Estimate, stillAlive: () => void = () => {}): Revision {
  const estimate: Estimate = (billed) => {
    stillAlive();
    return estimateFigures(billed);
  };
  /** Ids of marked observations. */
  const marked = new Set<string>();
  return {
    wants: (event) => isWanted(event, marked),
    apply(record) {
      const figures = record[FIELD.costDetails] === null ? figuresOf(record, estimate) : undefined;
      const id = keyOf(record[FIELD.id] as Uint8Array);
      if (figures !== undefined) {
        addFigures(record, figures);
        if (marked.size >= MAX_MARKED) marked.clear();
        marked.add(id);
      } else if (marked.has(id)) {
        addMarks(record, marksOfGiven(record));
      }
      return undefined;
    },
  };
}

/**
 * Wants a generation or an embedding of a model without a cost; also one that had no cost when it was sent before, as a server
 * that merges the two would keep the marks. Reads no more of the record than it needs.
 */
function isWanted(bytes: Buffer, marked: ReadonlySet<string>): boolean {
  const reader: EventReader = { bytes, position: 0 };
  if (readKind(bytes) !== OBSERVATION) return false;
  const { type, id } = readObservationHead(reader);
  if (!BILLED.includes(type)) return false;
  if (marked.size > 0 && marked.has(keyOf(bytes.subarray(id.start, id.end)))) return true;
  skipFields(reader, FIELD.parentId, FIELD.model);
  if (readNil(reader)) return false;
  skipFields(reader, FIELD.model, FIELD.costDetails);
  return readNil(reader);
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id).toString('latin1');
}

function figuresOf(record: OpenRecord, estimate: Estimate): Figures | undefined {
  return estimate({
    type: OBSERVATION_TYPES[record[FIELD.type] as number] as string,
    model: String(record[FIELD.model]),
    isError: record[FIELD.level] === ERROR,
    startTime: new Date(record[FIELD.startTime] as number),
    usageDetails: readUsageDetails(record[FIELD.usageDetails]),
    costDetails: readCostDetails(record[FIELD.costDetails]),
    input: () => record[FIELD.input],
    output: () => record[FIELD.output],
  });
}

function addFigures(record: OpenRecord, { usageDetails, costDetails, marks }: Figures): void {
  if (usageDetails !== undefined) record[FIELD.usageDetails] = usageDetails;
  if (costDetails !== undefined) record[FIELD.costDetails] = costDetails;
  addMarks(record, marks);
}

function marksOfGiven(record: OpenRecord): Marks {
  const said = (details: unknown) => (details === null ? 'unknown' : 'given');
  return { usage: said(record[FIELD.usageDetails]), cost: said(record[FIELD.costDetails]) };
}

function addMarks(record: OpenRecord, marks: Marks): void {
  record[FIELD.metadata] = withMarks(record[FIELD.metadata] as unknown[] | null, marks);
}

/** A later part would replace metadata that is no object, such as a text: it gets a key of its own. */
function withMarks(parts: readonly unknown[] | null, marks: Marks): unknown[] {
  const added = marksToMetadata(marks);
  if (parts === null) return [added];
  if (parts.every(isObject)) return [...parts, added];
  return [{ metadata: parts.at(-1), ...added }];
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
