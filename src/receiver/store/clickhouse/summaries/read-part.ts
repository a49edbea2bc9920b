/** One window of time of a summary. */

import type { Selection } from '../lists/page-filter.js';
import type { Reading } from '../read/trace-rows.js';

/** Reads one window: the traces of `selection`, within the time. */
export type ReadPart<Part> = (reading: Reading, selection: Selection, maxMs: number) => Promise<Part>;
