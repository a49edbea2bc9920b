/** `tailrace tail`: prints traces and observations as they arrive, until Ctrl-C. Waits for a server to come, and for it to come back. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Arrivals, ArrivedObservation } from '../../viewer/data/arrivals.js';
import { type Io, printLine } from '../io.js';
import { openRunning, type ServerAccess } from '../server-access.js';
import { createPaint } from '../terminal.js';
import { createLinePrinter, jsonPrinter } from './arrival-lines.js';
import { followEvents } from './event-stream.js';
import { getData, RefusedError } from './server-stream.js';
import type { TailOptions } from './trace-arguments.js';

/** How often a missing server is looked for. */
const RETRY_MS = 1_000;
/** Observations that have not ended and are looked at again. Beyond it the oldest are forgotten. */
const MAX_OPEN = 100;

/** Resolves to the exit code. */
export async function runTail(options: TailOptions, io: Io): Promise<number> {
  const { access, filter, errorsOnly, json } = options;
  const warn = (message: string) => printLine(io.stderr, `tailrace: ${message}`);
  const print = (line: string) => printLine(io.stdout, line);
  const isText = io.stdout.isTTY === true && !json;
  const printer = isText
    ? createLinePrinter(print, createPaint(io.stdout, io.env), io.stdout.columns)
    : jsonPrinter(print);
  const reader = createReader(filter);
  let hasSaid = false;
  while (!io.interrupt.aborted) {
    const server = await openRunning(access, io.env, { warn });
    if (server === undefined) {
      if (!hasSaid) warn(`waiting for a server: start it with "tailrace dev"`);
      hasSaid = true;
    } else {
      hasSaid = false;
      await follow(server).finally(() => server.close());
    }
    await wait(RETRY_MS, undefined, { signal: io.interrupt }).catch(() => {});
  }
  return 0;

  /** Resolves when the server is gone. */
  async function follow(server: ServerAccess): Promise<void> {
    try {
      let isFollowing = false;
      // First the stream, then the rows: nothing is missed in between.
      for await (const _ of followEvents(server, io.interrupt)) {
        await printNew(server);
        if (!isFollowing) warn(`following ${server.place}; Ctrl-C ends this`);
        isFollowing = true;
      }
    } catch (error) {
      if (error instanceof RefusedError) throw error;
    }
    if (!io.interrupt.aborted) warn(`${server.place} is gone: waiting for it`);
  }

  async function printNew(server: ServerAccess): Promise<void> {
    for (let isMore = true; isMore && !io.interrupt.aborted; ) {
      const arrivals = await reader.read(server, io.interrupt);
      isMore = arrivals.isMore;
      for (const trace of arrivals.traces) if (!errorsOnly || trace.errorCount > 0) printer.trace(trace);
      for (const observation of arrivals.observations) {
        if (!errorsOnly || observation.level === 'ERROR') printer.observation(observation);
      }
    }
  }
}

function createReader(filter: URLSearchParams) {
  let next: Arrivals['next'] | undefined;
  /** Pairs of trace and observation. */
  let open = new Set<string>();

  return {
    /** The first time: nothing but where the server is. Observations come when they have ended. */
    async read(server: ServerAccess, signal: AbortSignal): Promise<Arrivals> {
      const query = new URLSearchParams(filter);
      if (next !== undefined) {
        query.set('trace', String(next.trace));
        query.set('observation', String(next.observation));
      }
      for (const pair of open) query.append('open', pair);
      const arrivals = await getData<Arrivals>(server, `/api/tailrace/arrivals?${query}`, signal);
      next = arrivals.next;
      const pairOf = ({ traceId, id }: ArrivedObservation) => `${traceId}/${id}`;
      const isOpen = ({ durationUs, type }: ArrivedObservation) => durationUs === null && type !== 'EVENT';
      open = new Set([...arrivals.observations.filter(isOpen).map(pairOf)].slice(-MAX_OPEN));
      return { ...arrivals, observations: arrivals.observations.filter((one) => !isOpen(one)) };
    },
  };
}
