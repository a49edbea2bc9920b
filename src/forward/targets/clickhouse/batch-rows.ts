/** A batch of a stream → rows of ClickHouse's tables, in lines of JSON, and what of it cannot become a row. */

import type { TableName } from '../../../exporters/clickhouse/columns.js';
import { timeOfMicros } from '../../../exporters/clickhouse/rows.js';
import { rowOfScore, rowOfSpan } from '../../../exporters/clickhouse/span-rows.js';
import { readIngestion } from '../../../ingest/classic/ingestion.js';
import { decodeOtlpJson } from '../../../ingest/otlp/json-decoder.js';
import type { OtlpSpan } from '../../../ingest/otlp/otlp-span.js';
import { decodeOtlpProtobuf } from '../../../ingest/otlp/protobuf-decoder.js';
import { atOnce } from '../../../ingest/steps.js';
import type { RefusedRecord } from '../../../shared/contract/exporter.js';
import { stringifyWellFormed } from '../../../shared/json.js';
import { plainBody, readIngestionBody, SPANS } from '../../body.js';
import type { Batch } from '../../contract.js';

export interface BatchRows {
  readonly rows: ReadonlyMap<TableName, readonly Uint8Array[]>;
  readonly bytes: number;
  readonly refused: readonly RefusedRecord[];
}

/** `addedUs`: of two rows with one key that of the later batch wins, and in one batch the later one. Throws if the body cannot be read. */
export function rowsOf(batch: Batch, addedUs: number): BatchRows {
  const rows = new Map<TableName, Uint8Array[]>();
  const refused: RefusedRecord[] = [];
  const eventTs = timeOfMicros(addedUs);
  let bytes = 0;
  const add = (table: TableName, values: object): void => {
    const line = Buffer.from(`${stringifyWellFormed(values)}\n`);
    bytes += line.byteLength;
    const lines = rows.get(table);
    if (lines === undefined) rows.set(table, [line]);
    else lines.push(line);
  };
  const refuse = (index: number, reason: string): void => {
    refused.push({ index, reason, retryable: false });
  };

  if (batch.lane === SPANS) {
    for (const [index, span] of spansOf(batch).entries()) {
      const row = rowOfSpan(span, eventTs);
      if ('refused' in row) refuse(index, row.refused);
      else add(row.table, row.values);
    }
  } else {
    for (const [index, event] of readIngestionBody(batch).batch.entries()) {
      const { changes, answer } = atOnce(readIngestion({ batch: [event] }, true, 'scores'));
      const [error] = answer.errors;
      if (error !== undefined) refuse(index, error.message);
      for (const score of changes.scores) add('scores', rowOfScore(score, eventTs));
    }
  }
  return { rows, bytes, refused };
}

function spansOf(batch: Batch): OtlpSpan[] {
  const body = plainBody(batch);
  return batch.contentType === 'application/json'
    ? atOnce(decodeOtlpJson(JSON.parse(body.toString('utf8'))))
    : atOnce(decodeOtlpProtobuf(body));
}
