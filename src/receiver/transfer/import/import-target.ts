/** Writes what an import reads: collects changes, stores them in transactions of some size, and counts. */

import { createHash } from 'node:crypto';
import type { ImportSummary } from '../../../viewer/data/transfer.js';
import type { Changes } from '../../store/changes.js';
import type { CommentRow } from '../../store/comment-rows.js';
import type { Store } from '../../store/contract.js';
import type { StoredMedia } from '../replay/stored-fields.js';

export interface ImportTarget {
  readonly summary: ImportSummary;
  /** Resolves when there is room for more. */
  add(changes: Changes): Promise<void>;
  /** After all that was added before. Refuses those on what is not stored. */
  addComments(comments: readonly CommentRow[], line: number): Promise<void>;
  /** Rejects with an Error that says why the medium is not stored. */
  addMedia(media: StoredMedia): Promise<void>;
  /** `line`: counted from 1. */
  refuse(line: number, problem: string): void;
  /** Resolves when all is stored. */
  flush(): Promise<void>;
}

/** Rows of a transaction. */
const MAX_PENDING = 1000;
const MAX_NAMED = 100;

export function createTarget(store: Store): ImportTarget {
  const traceIds = new Set<string>();
  const summary: ImportSummary = {
    traces: 0,
    observations: 0,
    scores: 0,
    comments: 0,
    media: 0,
    refusedCount: 0,
    refused: [],
  };
  let pending: Changes[] = [];
  let pendingRows = 0;

  async function flush(): Promise<void> {
    const written = pending;
    pending = [];
    pendingRows = 0;
    if (written.length > 0) await store.write(joined(written));
  }

  function refuse(line: number, problem: string): void {
    summary.refusedCount += 1;
    if (summary.refused.length < MAX_NAMED) summary.refused.push({ line, problem });
  }

  return {
    summary,
    flush,
    refuse,
    async add(changes) {
      const { traces, observations, scores } = changes;
      for (const { id } of traces) traceIds.add(id);
      for (const { row } of observations) if (row.traceId !== null) traceIds.add(row.traceId);
      summary.traces = traceIds.size;
      summary.observations += observations.length;
      summary.scores += scores.length;
      pending.push(changes);
      pendingRows += traces.length + observations.length + scores.length;
      if (pendingRows >= MAX_PENDING) await flush();
    },
    async addComments(comments, line) {
      await flush();
      for (const comment of comments) {
        if (await store.comments.restore(comment)) summary.comments += 1;
        else refuse(line, `comment "${comment.id.slice(0, 80)}": nothing is stored that it is on`);
      }
    },
    async addMedia(media) {
      await storeMedia(store, media);
      if (media.content !== undefined) summary.media += 1;
    },
  };
}

/** One write: of several, a short one would pass a long one, and rows would not arrive in the order of the file. */
function joined(all: readonly Changes[]): Changes {
  const restored = all.flatMap((one) => one.restored ?? []);
  return {
    traces: all.flatMap(({ traces }) => traces),
    observations: all.flatMap(({ observations }) => observations),
    scores: all.flatMap(({ scores }) => scores),
    findings: all.flatMap(({ findings }) => findings),
    ...(restored.length > 0 && {
      restored: {
        traces: restored.flatMap(({ traces }) => traces),
        observations: restored.flatMap(({ observations }) => observations),
        scores: restored.flatMap(({ scores }) => scores),
      },
    }),
  };
}

const ID_CHARS = 22;
const CONTENT_TYPE = /^[\w.+-]{1,100}\/[\w.+-]{1,100}$/;

/** The id follows from the content, so a wrong content is found. */
async function storeMedia(
  { media }: Store,
  { id, contentType, sha256, traceId, uploadedUs, content }: StoredMedia,
): Promise<void> {
  const expected = sha256.replaceAll('+', '-').replaceAll('/', '_').slice(0, ID_CHARS);
  if (id !== expected || !CONTENT_TYPE.test(contentType))
    throw new Error('the medium has another id or type than its content');
  if (content === undefined) {
    const known = await media.find(id);
    if (known === undefined) throw new Error(`the content of the medium ${id} is missing`);
    await media.announce({ id, contentType, contentLength: known.contentLength, sha256 }, traceId);
    return;
  }
  const bytes = Buffer.from(content, 'base64');
  if (createHash('sha256').update(bytes).digest('base64') !== sha256) {
    throw new Error(`the content of the medium ${id} is not the one that was announced`);
  }
  await media.announce({ id, contentType, contentLength: bytes.byteLength, sha256 }, traceId);
  await media.storeContent(id, bytes);
  await media.markUploaded(id, uploadedUs ?? Date.now() * 1000);
}
