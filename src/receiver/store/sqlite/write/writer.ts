/**
 * All that writes to the database: one connection, in one thread. A second one would wait for the lock of the first, and hold up all that its
 * thread answers.
 */

import type { StoreOptions } from '../../store-options.js';
import type { Database } from '../sqlite.js';
import { type CommentWriter, commentWriter } from './comment-writer.js';
import { type GroupCommit, groupCommit } from './group-commit.js';
import { type MediaWriter, mediaWriter } from './media-writer.js';

export type Writer = GroupCommit & CommentWriter & MediaWriter;

export function createWriter(database: Database, path: string, options: StoreOptions): Writer {
  return { ...groupCommit(database, path, options), ...commentWriter(database), ...mediaWriter(database) };
}
