/** `POST /api/tailrace/import`: a file of any of the formats, plain or gzipped, of any length. Answered when all is stored. */

import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ClientGone, HttpError, type RouteContext, sendJson } from '../../http/requests.js';
import { importLines } from './import-lines.js';
import { createTarget } from './import-target.js';
import { linesOf } from './lines.js';

let lastImport: Promise<unknown> = Promise.resolve();

/** One at a time: each may hold a long line in memory. A sender waits, as its body is not read. */
export async function postImport(context: RouteContext): Promise<void> {
  const done = lastImport.then(() => importBody(context));
  lastImport = done.catch(() => {});
  await done;
}

async function importBody({ store, live, request, response }: RouteContext): Promise<void> {
  const target = createTarget(store);
  try {
    await importLines(linesOf(plainBlocks(request)), target);
  } catch (error) {
    // What was read before is stored, and an import again replaces it.
    await target.flush();
    if (request.destroyed && !request.complete) throw new ClientGone();
    const isGzipProblem = /^Z_|^ERR_.*ZLIB/.test(String((error as NodeJS.ErrnoException).code));
    if (isGzipProblem) throw new HttpError(400, `the file is not valid gzip: ${(error as Error).message}`);
    throw error;
  }
  // Unlike other rows they are written past the store's changes.
  if (target.summary.media + target.summary.comments > 0) live.changed([]);
  sendJson(response, 200, target.summary);
}

/** Gzip begins with these two bytes; neither JSON nor CSV does. */
const GZIP = [0x1f, 0x8b];

async function* plainBlocks(request: IncomingMessage): AsyncGenerator<Buffer, void, void> {
  const blocks = (request as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  for (let length = 0; length < GZIP.length; ) {
    const { value, done } = await blocks.next();
    if (done === true) break;
    head.push(value);
    length += value.length;
  }
  const first = Buffer.concat(head);
  async function* all(): AsyncGenerator<Buffer, void, void> {
    if (first.length > 0) yield first;
    for (;;) {
      const { value, done } = await blocks.next();
      if (done === true) return;
      yield value;
    }
  }
  if (first[0] !== GZIP[0] || first[1] !== GZIP[1]) {
    yield* all();
    return;
  }
  const gunzip = createGunzip();
  const source = Readable.from(all());
  source.on('error', (error) => gunzip.destroy(error));
  yield* source.pipe(gunzip) as AsyncIterable<Buffer>;
}
