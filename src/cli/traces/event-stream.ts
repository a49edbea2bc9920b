/** The stream of changes of a local server (server-sent events). */

import type { ServerAccess } from '../server-access.js';
import { openStream } from './server-stream.js';

/** Yields once at the beginning, and then for each event. Ends when the server closes the stream; rejects if it breaks. */
export async function* followEvents(
  server: ServerAccess,
  signal: AbortSignal,
): AsyncGenerator<void, void, void> {
  const stream = await openStream(server, '/api/tailrace/events', {
    headers: { accept: 'text/event-stream' },
    signal,
  });
  yield;
  let isInEvent = false;
  for await (const chunk of stream.setEncoding('utf8') as AsyncIterable<string>) {
    // What has changed is read from the server, so the events need no parsing: one that came with others is one.
    isInEvent ||= /^data:/m.test(chunk) || chunk.includes('data:');
    if (!isInEvent || !chunk.includes('\n\n')) continue;
    isInEvent = false;
    yield;
  }
}
