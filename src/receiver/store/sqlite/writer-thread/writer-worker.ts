/** The worker's side of writer-thread.ts: opens a connection of its own, writes, and ends when it is closed. */

import { parentPort } from 'node:worker_threads';
import { answerCalls } from '../../../thread/calls.js';
import type { Changes } from '../../changes.js';
import type { Deletion } from '../../contract.js';
import type { StoreOptions } from '../../store-options.js';
import { connect } from '../connection.js';
import type { Database } from '../sqlite.js';
import { groupCommitWriter, type Writer } from '../write/group-commit.js';
import type { WriterNotice } from './writer-contract.js';

const port = parentPort;
if (port === null) throw new Error('writer-worker.js runs in a worker thread: use startWriterThread()');

let database: Database | undefined;
let writer: Writer | undefined;

const notify = answerCalls<WriterNotice>(port, {
  async start(path: string, options: StoreOptions) {
    database = await connect(path);
    writer = groupCommitWriter(database, path, {
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
  size: () => writer?.size(),
  rollUp: () => writer?.rollUp(),
  async close() {
    await writer?.close();
    database?.close();
  },
});
