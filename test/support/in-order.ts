/**
 * Holds classic events back, and passes them on with the times in the order in which the application spoke. langfuse 3 stamps and
 * queues an event when it has looked for media in it, so that an update may be older than its create: a server then takes start
 * and environment from the update, which has none. Between a client and what compares it with another, this is taken away.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

interface ClassicEvent {
  id: string;
  type: string;
  timestamp: string;
  body: { id: string };
}

export interface InOrder {
  readonly url: string;
  /** To the receiver at this address. */
  passOn(target: string): Promise<void>;
  close(): Promise<void>;
}

export async function startInOrder(): Promise<InOrder> {
  const events: ClassicEvent[] = [];
  const server = createServer(async (request, response) => {
    const { batch } = (await json(request)) as { batch: ClassicEvent[] };
    events.push(...batch);
    const successes = batch.map(({ id }) => ({ id, status: 201 }));
    response.writeHead(207, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ successes, errors: [] }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async passOn(target) {
      const answer = await fetch(`${target}/api/public/ingestion`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa('pk:sk')}`, 'content-type': 'application/json' },
        body: JSON.stringify({ batch: inOrder(events) }),
      });
      const { errors } = (await answer.json()) as { errors: unknown[] };
      if (errors.length > 0) throw new Error(JSON.stringify(errors));
    },
    close: () => new Promise((closed) => server.close(() => closed())),
  };
}

/** Creates first, and each later than the one before of the same id. */
function inOrder(events: readonly ClassicEvent[]): ClassicEvent[] {
  const isUpdate = ({ type }: ClassicEvent): boolean => type.endsWith('-update');
  const last = new Map<string, number>();
  return [...events.filter((event) => !isUpdate(event)), ...events.filter(isUpdate)].map((event) => {
    const time = Math.max(Date.parse(event.timestamp), (last.get(event.body.id) ?? 0) + 1);
    last.set(event.body.id, time);
    return { ...event, timestamp: new Date(time).toISOString() };
  });
}
