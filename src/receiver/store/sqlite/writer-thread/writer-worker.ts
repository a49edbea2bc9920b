/** The worker's side of writer-thread.ts: opens a connection of its own, writes, and ends when it is closed. */

import { parentPort } from 'node:worker_threads';
import { answerCalls } from '../../../thread/calls.js';
import type { Changes } from '../../changes.js';
import type { Deletion } from '../../contract.js';
import type { StoreOptions } from '../../store-options.js';
import { connect } from '../connection.js';
import type { Database } from '../sqlite.js';
import { createWriter, type Writer } from '../write/writer.js';
import type { WriterNotice } from './writer-contract.js';

const port = parentPort;
if (port === null) throw new Error('writer-worker.js runs in a worker thread: use startWriterThread()');

let database: Database | undefined;
let writer: Writer | undefined;

const notify = answerCalls<WriterNotice>(port, {
  async start(path: string, options: StoreOptions) {
    database = await connect(path);
    writer = createWriter(database, path, {
      ...options,
      onEstimate: (traceIds) => notify({ kind: 'estimate', traceIds }),
      onFailure: (message) => notify({ kind: 'failure', message }),
      onWarning: (message) => notify({ kind: 'warning', message }),
    });
  },
  write: (changes: Changes) => writer?.write(changes),
  remove: (deletion: Deletion) => writer?.remove(deletion),
  clear: () => writer?.clear(),
  estimated: () => writer?.estimated(),
  searchable: () => writer?.searchable(),
  evicted: () => writer?.evicted(),
  rollUp: () => writer?.rollUp(),
  insertComment: (...values: Parameters<Writer['insertComment']>) => writer?.insertComment(...values),
  restoreComment: (...values: Parameters<Writer['restoreComment']>) => writer?.restoreComment(...values),
  updateComment: (...values: Parameters<Writer['updateComment']>) => writer?.updateComment(...values),
  removeComment: (...values: Parameters<Writer['removeComment']>) => writer?.removeComment(...values),
  announceMedium: (...values: Parameters<Writer['announceMedium']>) => writer?.announceMedium(...values),
  storeContent: (...values: Parameters<Writer['storeContent']>) => writer?.storeContent(...values),
  markUploaded: (...values: Parameters<Writer['markUploaded']>) => writer?.markUploaded(...values),
  async close() {
    await writer?.close();
    database?.close();
  },
});
