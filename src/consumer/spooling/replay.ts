/**
 * Sends what is in the spool: at the start, when the server answers again, and now and then. The oldest first, a few at a
 * time, and behind what comes from the ring.
 */
import { clearTimeout, monotonicNow, setTimeout } from '../../shared/runtime/real-time.js';
import { adopt, isWaiting, takeOldest } from '../../spool/spool.js';
import { isSaturated } from '../delivery/backlog.js';
import type { Batch } from '../delivery/batcher.js';
import { type Delivery, sendApart, turnFor } from '../delivery/delivery.js';
import { force } from '../delivery/gate.js';
import { pause } from '../delivery/pause.js';
import { fail, pick } from '../delivery/settlement.js';
import type { Turn } from '../delivery/turn.js';
import { isToHalve, noteHalves } from '../recovery/suspect-frames.js';
import { divideFrame, type Spooling } from './spooling.js';

export interface Replay {
  /** Of what comes from the ring. */
  readonly live: Delivery;
  /** Of what is in the spool: it tries each batch once. */
  readonly delivery: Delivery;
  readonly spooling: Spooling;
  /** Those who wait for the end of a round. */
  readonly waiters: (() => void)[];
  /** Whether a batch of this round had to be left in the spool. */
  inVain: boolean;
  /** No earlier than this, by the monotonic clock, is a success of other requests worth another round. */
  notBefore: number;
  /** Ends the rest between two rounds; undefined during a round. */
  endRest: (() => void) | undefined;
}

const IN_FLIGHT = 4;
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 30_000;
/** Processes die at any time: so often their folders are looked for. */
const LOOK_AGAIN_MS = 60_000;
const LIVE_TRAFFIC_MS = 50;

export function createReplay(live: Delivery, delivery: Delivery, spooling: Spooling): Replay {
  const replay: Replay = {
    live,
    delivery,
    spooling,
    waiters: [],
    inVain: false,
    notBefore: 0,
    endRest: undefined,
  };
  delivery.onKept = (retryAfterMs) => {
    replay.inVain = true;
    replay.notBefore = monotonicNow() + Math.max(FIRST_BACKOFF_MS, retryAfterMs);
  };
  let alarm: NodeJS.Timeout | undefined;
  const endRestIn = (ms: number): void => {
    if (alarm !== undefined) return;
    alarm = setTimeout(() => {
      alarm = undefined;
      replay.endRest?.();
    }, ms).unref();
  };
  live.onKept = () => {
    // After a round in vain the rest is as long as it should be.
    if (!replay.inVain) endRestIn(FIRST_BACKOFF_MS);
  };
  // Its own try may have been in vain just before another ring's was not.
  const onBack = (): void => {
    if (isWaiting(spooling.spool)) endRestIn(Math.max(0, replay.notBefore - monotonicNow()));
  };
  const { onBack: listeners } = delivery.gate;
  listeners.add(onBack);
  delivery.closing.addEventListener('abort', () => listeners.delete(onBack));
  live.onSent = () => {
    if (monotonicNow() >= replay.notBefore && isWaiting(spooling.spool)) replay.endRest?.();
  };
  return replay;
}

/** Runs until the consumer ends. */
export async function runReplay(replay: Replay): Promise<void> {
  const { closing } = replay.delivery;
  let lookedAt = monotonicNow();
  let backoffMs = FIRST_BACKOFF_MS;
  while (!closing.aborted) {
    replay.inVain = false;
    await sendRound(replay);
    endWaiting(replay);
    if (replay.inVain) {
      await rest(replay, Math.max(replay.notBefore - monotonicNow(), Math.random() * backoffMs));
      backoffMs = Math.min(2 * backoffMs, MAX_BACKOFF_MS);
    } else {
      backoffMs = FIRST_BACKOFF_MS;
      await rest(replay, LOOK_AGAIN_MS);
    }
    if (monotonicNow() - lookedAt < LOOK_AGAIN_MS || closing.aborted) continue;
    lookedAt = monotonicNow();
    adopt(replay.spooling.spool);
  }
  endWaiting(replay);
}

/** Resolves once there is nothing left to send, or the server takes no more for now, or the consumer ends. */
export function replayed(replay: Replay): Promise<void> {
  const { delivery, spooling, waiters, endRest } = replay;
  return new Promise((resolve) => {
    if (delivery.closing.aborted) return resolve();
    if (endRest !== undefined && !isWaiting(spooling.spool)) return resolve();
    waiters.push(resolve);
    // It is the last try.
    force(delivery.gate, delivery.owner);
    endRest?.();
  });
}

function endWaiting({ waiters }: Replay): void {
  for (const resolve of waiters.splice(0)) resolve();
}

/** One alone first, to see whether the server takes it. */
async function sendRound(replay: Replay): Promise<void> {
  if (!(await sendNext(replay))) return;
  const sendOthers = async (): Promise<void> => {
    while (await sendNext(replay));
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sendOthers));
}

/** False: there is none, or this is no time for it. */
async function sendNext(replay: Replay): Promise<boolean> {
  const { live, delivery, spooling } = replay;
  const { closing, ledger } = delivery;
  while (isSaturated(live) && !closing.aborted) await pause(LIVE_TRAFFIC_MS, closing);
  if (closing.aborted || replay.inVain) return false;
  const next = takeOldest(spooling.spool);
  if (next === undefined) return false;
  const { frame, batch } = next;
  const spooled: Batch = {
    lane: batch.lane,
    records: [...batch.records],
    numbers: frame.ordinals.map((ordinal) => ordinal - ledger.released),
    suspicion: 0,
    spooled: { frame, counted: true, from: frame.from },
  };
  if (isToHalve(ledger.memory.words, frame)) await halve(replay, spooled);
  else await sendApart(delivery, spooled, turnOf(replay, spooled));
  return !replay.inVain;
}

function turnOf({ delivery, waiters }: Replay, batch: Batch): Turn {
  const turn = turnFor(delivery, batch);
  // It is the last try.
  if (waiters.length > 0) turn.deadline = 0;
  return turn;
}

/** Workers have died of it. */
async function halve({ delivery, spooling }: Replay, batch: Batch): Promise<void> {
  const { words } = delivery.ledger.memory;
  const { length } = batch.records;
  if (length === 1) {
    noteHalves(words);
    return fail(delivery, batch, 'it has crashed workers');
  }
  const halves = [
    pick(batch, (index) => index < length >> 1),
    pick(batch, (index) => index >= length >> 1),
  ] as const;
  divideFrame(delivery, batch, halves);
  const [first, second] = halves.map(({ spooled }) => spooled?.frame);
  noteHalves(words, first, second);
  for (const half of halves) {
    // The disk has failed: it is in memory alone.
    if (half.spooled?.frame === undefined) await sendApart(delivery, half);
    else spooling.disk.release(spooling.spool, half.spooled.frame);
  }
}

function rest(replay: Replay, ms: number): Promise<void> {
  const { closing } = replay.delivery;
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms).unref();
    closing.addEventListener('abort', end);
    replay.endRest = end;
    function end(): void {
      clearTimeout(timer);
      closing.removeEventListener('abort', end);
      replay.endRest = undefined;
      resolve();
    }
  });
}
