/** Gives imported rows what their server had beside their fields: when they were created and changed there, and how they were merged. */

import type { Steps } from '../../../slices.js';
import type { Restored } from '../../changes.js';
import { bindable, type Database } from '../sqlite.js';

/** Call it for rows that have been written before. */
export function prepareRestore(database: Database): (rows: Restored) => Steps<void> {
  const trace = database.prepare('UPDATE traces SET created_us = ?, updated_us = ? WHERE id = ?');
  const score = database.prepare('UPDATE scores SET created_us = ?, updated_us = ? WHERE id = ?');
  const observation = database.prepare(
    'UPDATE observations SET created_us = ?, updated_us = ?, orders = ?, lost = ? WHERE trace_id = ? AND id = ?',
  );
  return function* restore({ traces, observations, scores }) {
    for (const { id, createdUs, updatedUs } of traces) {
      trace.run(createdUs, updatedUs, bindable(id));
      yield;
    }
    for (const { traceId, id, createdUs, updatedUs, orders, lost } of observations) {
      observation.run(
        createdUs,
        updatedUs,
        bindable(orders),
        bindable(lost),
        bindable(traceId),
        bindable(id),
      );
      yield;
    }
    for (const { id, createdUs, updatedUs } of scores) {
      score.run(createdUs, updatedUs, bindable(id));
      yield;
    }
  };
}
