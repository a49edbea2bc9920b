/** Changes that the store is asked to write: those of a body, and what an import knows beyond it. */

import type { Changes as ReadChanges } from '../../ingest/changes.js';
import type { JsonText } from '../../ingest/rows.js';
import type { RowTimes } from './contract/rows.js';

export { type EventOrder, eventOrder, type ObservationChange } from '../../ingest/changes.js';

export interface Changes extends ReadChanges {
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
