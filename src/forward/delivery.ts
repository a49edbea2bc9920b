/**
 * Delivers one batch, with as many attempts as it takes: the target is away, or refuses for now, for as long as it likes. A batch that
 * is too large goes in halves. What the target will never take becomes a letter.
 */
import { backoffMs } from '../consumer/transport/circuit-breaker.js';
import { createRequestQueue, type RequestQueue } from '../consumer/transport/pending-request.js';
import {
  createPending,
  createRequestScheduler,
  type RequestScheduler,
} from '../consumer/transport/request-scheduler.js';
import {
  createRetryingTransport,
  type RetryEvents,
  type RetryingTransport,
} from '../consumer/transport/retrying-transport.js';
import type { OwnRequest } from '../consumer/transport/transport.js';
import type { ExportOutcome } from '../shared/contract/exporter.js';
import type { Batch, DeadLetter, Target } from './contract.js';
import { pause } from './pause.js';

export interface Settlement {
  /** false: no attempt has settled it, and the whole entry stays where it is. */
  readonly isSettled: boolean;
  readonly delivered: number;
  readonly refused: number;
  readonly letters: readonly DeadLetter[];
}

export interface Delivery {
  deliver(batch: Batch): Promise<Settlement>;
  /** Tries at once what waits, and no longer retries configuration errors: somebody wants to end. */
  expedite(): void;
}

/** Attempts for events that the server refuses for now, one by one, while it takes others. */
const MAX_EVENT_TRIES = 8;
const NOTHING: Settlement = { isSettled: true, delivered: 0, refused: 0, letters: [] };
const LEFT: Settlement = { ...NOTHING, isSettled: false };

interface Road {
  readonly target: Target;
  readonly scheduler: RequestScheduler;
  readonly queue: RequestQueue;
  readonly transport: RetryingTransport;
  readonly closing: AbortSignal;
  order: number;
}

/** `closing` ends all waits and attempts. */
export function createDelivery(
  target: Target,
  inFlight: number,
  events: RetryEvents,
  closing: AbortSignal,
): Delivery {
  const scheduler = createRequestScheduler(inFlight);
  const queue = createRequestQueue(() => false);
  const inner = {
    send: (request: unknown, _read: unknown, signal?: AbortSignal) =>
      attempt(request as OwnRequest, [closing, signal]),
    close: () => target.close(),
  };
  const transport = createRetryingTransport(inner, {
    ...events,
    scheduler,
    queue,
    closing,
    retryWindowMs: Number.POSITIVE_INFINITY,
  });
  const road: Road = { target, scheduler, queue, transport, closing, order: 0 };
  return {
    deliver: (batch) => deliver(road, batch, 0),
    expedite: () => void transport.expedite(),
  };
}

/** Not `AbortSignal.any`: `closing` lives as long as the process, and would collect what depends on it. */
async function attempt(
  { deliver }: OwnRequest,
  ends: readonly (AbortSignal | undefined)[],
): Promise<ExportOutcome> {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  for (const one of ends) one?.addEventListener('abort', end);
  try {
    return await deliver(controller.signal);
  } finally {
    for (const one of ends) one?.removeEventListener('abort', end);
  }
}

async function deliver(road: Road, batch: Batch, eventTries: number): Promise<Settlement> {
  const outcome = await attempts(road, batch);
  const { count } = batch;
  switch (outcome.kind) {
    case 'success':
      return { ...NOTHING, delivered: count };
    case 'retryable':
      return LEFT;
    case 'failure':
      return { ...NOTHING, refused: count, letters: [{ reason: outcome.reason, part: batch }] };
    case 'rejected': {
      const refused = Math.min(outcome.count, count);
      // It does not say which: the letter has them all.
      const reason = `the target refused ${refused} of ${count} events and did not say which: ${outcome.reason}`;
      return { ...NOTHING, delivered: count - refused, refused, letters: [{ reason, part: batch }] };
    }
    case 'too-large':
      return inHalves(road, batch, outcome.reason, eventTries);
    case 'partial':
      return afterPartial(road, batch, outcome.refused, eventTries);
  }
}

function attempts(road: Road, batch: Batch): Promise<ExportOutcome> {
  const { target, transport, scheduler, queue } = road;
  const request: OwnRequest = {
    url: target.url,
    lane: batch.lane,
    isCutOff: false,
    deliver: (signal) => target.deliver(batch, signal),
  };
  return transport.send(
    request,
    () => ({ kind: 'success' }),
    createPending(scheduler, queue, batch.lane, { order: road.order++ }),
  );
}

async function inHalves(road: Road, batch: Batch, reason: string, eventTries: number): Promise<Settlement> {
  const middle = Math.ceil(batch.count / 2);
  const halves = [
    road.target.part(batch, (index) => index < middle),
    road.target.part(batch, (index) => index >= middle),
  ];
  if (batch.count < 2 || halves.includes(undefined)) {
    return { ...NOTHING, refused: batch.count, letters: [{ reason, part: batch }] };
  }
  return sum(await Promise.all(halves.map((half) => deliver(road, half as Batch, eventTries))));
}

type Refused = Extract<ExportOutcome, { kind: 'partial' }>['refused'];

async function afterPartial(
  road: Road,
  batch: Batch,
  refused: Refused,
  eventTries: number,
): Promise<Settlement> {
  const mayRetry = eventTries < MAX_EVENT_TRIES;
  const again = new Set(refused.filter(({ retryable }) => retryable && mayRetry).map(({ index }) => index));
  const parts = [
    lettersOf(
      road,
      batch,
      refused.filter(({ index }) => !again.has(index)),
    ),
  ];
  const taken = { ...NOTHING, delivered: Math.max(0, batch.count - refused.length) };
  if (again.size > 0) {
    // Of a batch that cannot be divided all is sent again, under the same ids.
    const rest = road.target.part(batch, (index) => again.has(index)) ?? { ...batch, count: again.size };
    await pause(backoffMs(eventTries), road.closing);
    parts.push(await deliver(road, rest, eventTries + 1));
  }
  return sum([taken, ...parts]);
}

/** One letter for each reason. */
function lettersOf({ target }: Road, batch: Batch, refused: Refused): Settlement {
  const byReason = new Map<string, Set<number>>();
  for (const { index, reason } of refused) {
    byReason.set(reason, (byReason.get(reason) ?? new Set()).add(index));
  }
  const letters = Array.from(byReason, ([reason, indices]) => ({
    reason,
    part: target.part(batch, (index) => indices.has(index)) ?? batch,
  }));
  return { ...NOTHING, refused: refused.length, letters };
}

/** If a part is left, the whole entry stays: what is delivered twice has the same ids. */
function sum(settlements: readonly Settlement[]): Settlement {
  return {
    isSettled: settlements.every(({ isSettled }) => isSettled),
    delivered: settlements.reduce((total, one) => total + one.delivered, 0),
    refused: settlements.reduce((total, one) => total + one.refused, 0),
    letters: settlements.flatMap(({ letters }) => letters),
  };
}
