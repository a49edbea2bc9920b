/** What a body asks a store to write. Both OTLP and classic ingestion produce it. */

import type { Finding } from './findings.js';
import type { Micros, ObservationRow, ScoreRow } from './rows.js';
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
}
