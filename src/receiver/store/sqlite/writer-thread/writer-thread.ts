/**
 * The writer in a worker thread of its own: requests are answered while a commit runs, and the database is read meanwhile by the connection
 * of this thread. If the thread dies, its pending writes reject, so clients send them again, and this thread writes from then on.
 */

import { Worker } from 'node:worker_threads';
import { callThread } from '../../../thread/calls.js';
import { threadOptions } from '../../../thread/thread-options.js';
import type { StoreOptions } from '../../store-options.js';
import type { Writer } from '../write/writer.js';
import type { WriterNotice, WriterThread } from './writer-contract.js';

/** `writeHere` makes a writer on this thread. */
export async function startWriterThread(
  path: string,
  options: StoreOptions,
  writeHere: () => Writer,
): Promise<Writer> {
  const { maxBytes, retentionMs, prices, onCommit, onEstimate, onFailure, onWarning } = options;
  /** Takes the place of the thread when that has died. */
  let successor: Writer | undefined;
  let hasStarted = false;
  const worker = new Worker(new URL('./writer-worker.js', import.meta.url), {
    ...threadOptions(),
    name: 'tailrace-writer',
  });
  const thread = callThread<WriterThread, WriterNotice>(worker, 'the thread that writes the database', {
    onNotice(notice) {
      if (notice.kind === 'estimate') onEstimate?.(notice.traceIds);
      else if (notice.kind === 'failure') onFailure?.(notice.message);
      else onWarning?.(notice.message);
    },
    onDeath(error) {
      // Then the store is not opened.
      if (!hasStarted) return;
      onWarning?.(`${error.message}: the main thread writes from now on`);
      successor = writeHere();
    },
  });
  await thread.call('start', path, { maxBytes, retentionMs, prices });
  hasStarted = true;

  /** A method of the thread, or of what has taken its place. */
  const ask = <Name extends keyof Writer>(name: Name): Writer[Name] =>
    ((...values: never[]) =>
      successor === undefined
        ? thread.call(name, ...(values as never))
        : (successor[name] as (...values: never[]) => unknown)(...values)) as Writer[Name];

  return {
    async write(changes) {
      if (successor !== undefined) return successor.write(changes);
      await thread.call('write', changes);
      onCommit?.([changes]);
    },
    remove: ask('remove'),
    clear: ask('clear'),
    estimated: ask('estimated'),
    searchable: ask('searchable'),
    evicted: ask('evicted'),
    rollUp: ask('rollUp'),
    insertComment: ask('insertComment'),
    restoreComment: ask('restoreComment'),
    updateComment: ask('updateComment'),
    removeComment: ask('removeComment'),
    announceMedium: ask('announceMedium'),
    storeContent: ask('storeContent'),
    markUploaded: ask('markUploaded'),
    close: () => successor?.close() ?? thread.close(),
  };
}
