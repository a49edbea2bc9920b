/**
 * Tells open pages which traces have changed, by server-sent events.
 *
 * Changes are collected and sent a few times a second, so a busy application costs a page no more than a slow one. Each event
 * has a number. A page that was away names the last event that it knows. It gets the later ones, or an event that says: read anew.
 */

import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { LiveEvent } from '../../viewer/data/list.js';

/** Time for which changes are collected. */
const COLLECT_MS = 300;
/** With more traces than this, reading the list anew is cheaper than reading each. */
const MAX_IDS = 40;
/** An id beyond this would not fit into the address of the request that follows. */
const MAX_ID_CHARS = 100;
/** Events that a page may have missed and still get. */
const MAX_KEPT = 200;
export const MAX_STREAMS = 50;
const MAX_UNREAD_BYTES = 1024 * 1024;
/** Proxies and browsers close a connection on which nothing comes. */
const KEEP_ALIVE_MS = 20_000;

interface KeptEvent {
  number: number;
  text: string;
}

export interface LiveEvents {
  /** Call this with the traces that have changed; an empty list says that some have, or are gone. */
  changed(traceIds: readonly string[]): void;
  /** The number of the last event. It belongs to this process: a restarted server tells all pages to read anew. */
  since(): string;
  /** `lastKnown`: the last event that the page knows. False: there are too many streams. */
  open(response: ServerResponse, lastKnown: string | null): boolean;
  /** Ends all streams. */
  close(): void;
}

export function createLiveEvents(): LiveEvents {
  const process = randomUUID().slice(0, 8);
  const streams = new Set<ServerResponse>();
  let kept: KeptEvent[] = [];
  let last = 0;
  let pending: Set<string> | 'all' = new Set();
  let collecting: NodeJS.Timeout | undefined;
  let keepAlive: NodeJS.Timeout | undefined;

  const nameOf = (number: number) => `${process}-${number}`;

  function sendPending(): void {
    collecting = undefined;
    const event: LiveEvent = pending === 'all' ? { kind: 'reload' } : { kind: 'ids', ids: [...pending] };
    pending = new Set();
    last += 1;
    const text = eventText(nameOf(last), event);
    kept = [...kept.slice(1 - MAX_KEPT), { number: last, text }];
    write(text);
  }

  function write(text: string): void {
    for (const stream of streams) {
      // The page of a sleeping computer reads nothing. It opens the stream again when it wakes.
      if (stream.writableLength > MAX_UNREAD_BYTES) stream.destroy();
      else stream.write(text);
    }
  }

  /** Undefined: events are missing that the page does not know. */
  function missedSince(lastKnown: string): KeptEvent[] | undefined {
    const [, of, number] = /^(\w+)-(\d+)$/.exec(lastKnown) ?? [];
    const known = Number(number);
    if (of !== process || known > last) return undefined;
    if (known < last && (kept[0]?.number ?? last + 1) > known + 1) return undefined;
    return kept.filter((event) => event.number > known);
  }

  return {
    changed(traceIds) {
      if (traceIds.length === 0 || traceIds.some((id) => id.length > MAX_ID_CHARS)) pending = 'all';
      if (pending !== 'all') {
        for (const id of traceIds) pending.add(id);
        if (pending.size > MAX_IDS) pending = 'all';
      }
      collecting ??= setTimeout(sendPending, COLLECT_MS).unref();
    },
    since: () => nameOf(last),
    open(response, lastKnown) {
      if (streams.size >= MAX_STREAMS) return false;
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      const missed = lastKnown === null ? [] : missedSince(lastKnown);
      if (missed === undefined) response.write(eventText(nameOf(last), { kind: 'reload' }));
      // A comment, so that the browser knows that the stream is open.
      else response.write([': open\n\n', ...missed.map(({ text }) => text)].join(''));
      streams.add(response);
      keepAlive ??= setInterval(() => write(': still here\n\n'), KEEP_ALIVE_MS).unref();
      response.on('close', () => streams.delete(response));
      return true;
    },
    close() {
      clearTimeout(collecting);
      clearInterval(keepAlive);
      for (const stream of streams) stream.end();
      streams.clear();
    },
  };
}

function eventText(name: string, event: LiveEvent): string {
  return `id: ${name}\ndata: ${JSON.stringify(event)}\n\n`;
}
