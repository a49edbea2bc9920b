/** Changes that a decoded request asks the store to write. Both OTLP and classic ingestion produce them. */

import type { Finding } from '../complaints/findings.js';
import type { RowTimes } from './contract/rows.js';
import type { JsonText, Micros, ObservationRow, ScoreRow } from './rows.js';
import type { TraceState } from './trace-state.js';

/**
 * `whole`: a span; its row replaces the stored one. `merge`: a classic event, merged by `order` with the other events of its
 * observation: the higher order wins, and with equal times the update.
 */
export type ObservationChange =
  | { mode: 'whole'; row: ObservationRow }
  | {
      mode: 'merge';
      row: ObservationRow;
      order: EventOrder;
      /** Fields that are explicitly null; other nulls of the row mean "not given". */
      nulls: readonly (keyof ObservationRow)[];
    };

/** Time in milliseconds, doubled, plus one for an update: so an update comes after a create of the same time. */
export type EventOrder = number;

export function eventOrder(timestampUs: Micros, isUpdate: boolean): EventOrder {
  return Math.floor(timestampUs / 1000) * 2 + (isUpdate ? 1 : 0);
}

export interface Changes {
  traces: TraceState[];
  observations: ObservationChange[];
  scores: ScoreRow[];
  findings: Finding[];
  /** Of an import: what the rows had on the server that exported them. */
  restored?: Restored;
}

/** Of rows of the same changes: what they had on the server that exported them beside their fields. */
export interface Restored {
  traces: (RowTimes & { id: string })[];
  observations: (RowTimes & {
    traceId: string;
    id: string;
    /** Of classic events: the order of the event that set each field. */
    orders: JsonText | null;
    /** The fields that a span sent again had lost. */
    lost: JsonText | null;
  })[];
  scores: (RowTimes & { id: string })[];
}
