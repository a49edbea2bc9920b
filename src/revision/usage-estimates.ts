/** Token usage and cost that the application did not give, added to a record before it is encoded, and marked. */

import { isMainThread } from 'node:worker_threads';
import {
  type EventReader,
  readArrayHeader,
  readBytes,
  readNil,
  readNumber,
  skip,
} from '../event/event-reader.js';
import { message, warnBy } from '../messages/message.js';
import { Field, OBSERVATION, OBSERVATION_LEVELS, OBSERVATION_TYPES } from '../records/records.js';
import type { ExporterContext } from '../shared/contract/exporter.js';
import type { PriceOverride } from '../shared/usage-options.js';
import { readCostDetails, readUsageDetails } from '../usage/details.js';
import { createEstimator, type Estimate } from '../usage/estimator.js';
import { type Figures, type Marks, marksToMetadata } from '../usage/figures.js';
import { type LoadEncoding, loadEncoding } from '../usage/libraries.js';
import type { OpenRecord, Revision } from './revision.js';

const ERROR = OBSERVATION_LEVELS.indexOf('ERROR');
const BILLED = [OBSERVATION_TYPES.indexOf('generation'), OBSERVATION_TYPES.indexOf('embedding')];

/** None where the engine runs without its worker: a tokenizer has no place on the application's thread. */
export function createUsageRevisions(
  prices: readonly PriceOverride[],
  { warning, stillAlive, apart }: Pick<ExporterContext, 'warning' | 'stillAlive' | 'apart'>,
): Revision[] {
  if (isMainThread) {
    warnBy(warning, message('TAILRACE_USAGE_NEEDS_WORKER'));
    return [];
  }
  // The first observation to need an encoding has it loaded, which takes longer than anything that is done for its own sake.
  const load: LoadEncoding = (name) => apart(() => loadEncoding(name));
  return [
    createUsageRevision(
      createEstimator(prices, (missing) => warnBy(warning, missing), load),
      stillAlive,
    ),
  ];
}

/** Ids of observations that have been marked: a longer memory is for a server that merges what it is sent late. */
const MAX_MARKED = 10_000;

export function createUsageRevision(estimateFigures: Estimate, stillAlive: () => void = () => {}): Revision {
  const estimate: Estimate = (billed) => {
    stillAlive();
    return estimateFigures(billed);
  };
  /** By their ids. */
  const marked = new Set<string>();
  return {
    wants: (event) => isWanted(event, marked),
    apply(record) {
      const figures = record[Field.costDetails] === null ? figuresOf(record, estimate) : undefined;
      const id = keyOf(record[Field.id] as Uint8Array);
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
 * A generation or an embedding of a model, without a cost; or one that had none when it was sent before: a server that
 * merges the two would keep the marks. Reads no further than that.
 */
function isWanted(bytes: Buffer, marked: ReadonlySet<string>): boolean {
  const reader: EventReader = { bytes, position: 0 };
  readArrayHeader(reader);
  if (readNumber(reader) !== OBSERVATION) return false;
  if (!BILLED.includes(readNumber(reader))) return false;
  skip(reader);
  const { start, end } = readBytes(reader);
  if (marked.size > 0 && marked.has(keyOf(bytes.subarray(start, end)))) return true;
  for (let field: number = Field.parentId; field < Field.model; field++) skip(reader);
  if (readNil(reader)) return false;
  for (let field: number = Field.model; field < Field.costDetails; field++) skip(reader);
  return readNil(reader);
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id).toString('latin1');
}

function figuresOf(record: OpenRecord, estimate: Estimate): Figures | undefined {
  return estimate({
    type: OBSERVATION_TYPES[record[Field.type] as number] as string,
    model: String(record[Field.model]),
    isError: record[Field.level] === ERROR,
    startTime: new Date(record[Field.startTime] as number),
    usageDetails: readUsageDetails(record[Field.usageDetails]),
    costDetails: readCostDetails(record[Field.costDetails]),
    input: () => record[Field.input],
    output: () => record[Field.output],
  });
}

function addFigures(record: OpenRecord, { usageDetails, costDetails, marks }: Figures): void {
  if (usageDetails !== undefined) record[Field.usageDetails] = usageDetails;
  if (costDetails !== undefined) record[Field.costDetails] = costDetails;
  addMarks(record, marks);
}

function marksOfGiven(record: OpenRecord): Marks {
  const said = (details: unknown) => (details === null ? 'unknown' : 'given');
  return { usage: said(record[Field.usageDetails]), cost: said(record[Field.costDetails]) };
}

function addMarks(record: OpenRecord, marks: Marks): void {
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
