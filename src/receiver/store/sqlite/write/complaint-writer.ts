/** Stores complaints: each once, up to a limit. Complaints beyond the limit are only counted. */

import { COMPLAINT_CODES } from '../../../../ingest/complaint-codes.js';
import type { Finding } from '../../../../ingest/findings.js';
import type { Steps } from '../../../slices.js';
import { MAX_COMPLAINTS } from '../../contract.js';
import { bindable, type Database } from '../sqlite.js';

interface ComplaintWriter {
  write(findings: readonly Finding[], nowUs: number): Steps<void>;
  removeOf(traceId: string): void;
  /** Forgets the counted ones too. */
  clear(): void;
  /** Reads the counts anew: a transaction has failed. */
  reset(): void;
}

export function prepareComplaints(database: Database): ComplaintWriter {
  const insert = database.prepare(
    `INSERT OR IGNORE INTO complaints (id, at_us, code, severity, trace_id, observation_id, field, message)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const find = database.prepare('SELECT 1 FROM complaints WHERE id = ?');
  const overflow = database.prepare('UPDATE complaints_beyond SET count = count + ?');
  const countSql = database.prepare('SELECT count(*) AS count FROM complaints');
  const countStored = () => Number(countSql.get()?.count);
  const remove = database.prepare('DELETE FROM complaints WHERE trace_id = ?');
  let stored = countStored();

  return {
    *write(findings, nowUs) {
      for (const finding of findings) {
        const id = bindable(idOf(finding));
        if (stored >= MAX_COMPLAINTS) {
          if (find.get(id) === undefined) overflow.run(1);
          yield;
          continue;
        }
        const { code, traceId, observationId, field, message } = finding;
        const ids = [bindable(traceId), bindable(observationId)];
        const values = [bindable(field), bindable(message)];
        stored += Number(insert.run(id, nowUs, code, COMPLAINT_CODES[code], ...ids, ...values).changes);
        yield;
      }
    },
    removeOf(traceId) {
      stored -= Number(remove.run(bindable(traceId)).changes);
    },
    clear() {
      database.exec('DELETE FROM complaints; UPDATE complaints_beyond SET count = 0');
      stored = 0;
    },
    reset() {
      stored = countStored();
    },
  };
}

/** Two complaints with this id are the same complaint. */
function idOf({ code, traceId, observationId, field }: Finding): string {
  return [code, traceId ?? '', observationId ?? '', field].join('/');
}
