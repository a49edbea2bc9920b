/** What a decoded request asks the store to write. Both ways in (OTLP and classic ingestion) end here. */

import type { Finding } from '../complaints/findings.js';
import type { Micros, ObservationRow, ScoreRow } from './rows.js';
import type { TraceState } from './trace-state.js';

/**
 * `whole`: a span; its row replaces what is stored. `merge`: a classic event, merged by `order` with the others of its
 * observation: the higher one stands, and between equals that of an update.
 */
export type ObservationChange =
  | { mode: 'whole'; row: ObservationRow }
  | {
      mode: 'merge';
      row: ObservationRow;
      order: EventOrder;
      /** Fields that are said to be null; other nulls of the row say nothing. */
      nulls: readonly (keyof ObservationRow)[];
    };

/** Time in whole milliseconds, doubled; one more for an update: so it comes after a create of the same time. */
export type EventOrder = number;

export function eventOrder(timestampUs: Micros, isUpdate: boolean): EventOrder {
  return Math.floor(timestampUs / 1000) * 2 + (isUpdate ? 1 : 0);
}

export interface Changes {
  traces: TraceState[];
  observations: ObservationChange[];
  scores: ScoreRow[];
  findings: Finding[];
}
