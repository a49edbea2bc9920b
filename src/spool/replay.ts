/**
 * Sends what is in the spool: at the start, when the server answers again, and once a minute. The oldest batch first, a few at
 * a time, and only while batches from the ring leave room. How a batch is sent is up to the `ReplaySender`.
 *
 *   round ──nothing left──────────────▶ wait a minute ────────────┐
 *     │                                                           ├──▶ round …
 *     └──a batch stayed in the spool──▶ back off, or until an ────┘
 *                                       answer to another request
 */
import { pause } from '../shared/runtime/pause.js';
import { clearTimeout, monotonicNow, setTimeout } from '../shared/runtime/real-time.js';
import type { SpooledBatch } from './disk/segment-format.js';
import type { Frame, Spool } from './disk/segments.js';
import { adopt, isWaiting, takeOldest } from './spool.js';

/** When the next round begins. Those who send batches report to it what they learn about the server. */
export interface ReplaySchedule {
  readonly spool: Spool;
  /** Whether a batch of this round stayed in the spool. */
  isRoundInVain: boolean;
  /** Before this time, by the monotonic clock, a success of another request starts no round. */
  notBefore: number;
  /** Ends the wait between two rounds; undefined during a round. */
  endWait: (() => void) | undefined;
  alarm: NodeJS.Timeout | undefined;
}

/** How batches of the spool are sent. */
export interface ReplaySender {
  /** Whether batches from the ring take all the room: they go first. */
  isBusy(): boolean;
  /** Sends a batch. Resolves when it has settled or was released to the spool. `isLastTry`: whatever is known of the server. */
  send(frame: Frame, batch: SpooledBatch, isLastTry: boolean): Promise<void>;
  /** Sends at once what waits for a slot or a closed circuit. */
  expedite(): void;
}

export interface Replay {
  readonly schedule: ReplaySchedule;
  readonly sender: ReplaySender;
  /** Ends the replay. */
  readonly closing: AbortSignal;
  /** Called at the end of a round. */
  readonly waiters: (() => void)[];
}

const IN_FLIGHT = 4;
const FIRST_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 30_000;
/** Poll interval for the folders of processes that have died. */
const LOOK_AGAIN_MS = 60_000;
/** Poll interval for room beside the batches from the ring. */
const LIVE_TRAFFIC_MS = 50;

export function createReplaySchedule(spool: Spool): ReplaySchedule {
  return { spool, isRoundInVain: false, notBefore: 0, endWait: undefined, alarm: undefined };
}

export function createReplay(schedule: ReplaySchedule, sender: ReplaySender, closing: AbortSignal): Replay {
  return { schedule, sender, closing, waiters: [] };
}

/** A batch of the replay stayed in the spool. */
export function noteKept(schedule: ReplaySchedule, retryAfterMs: number): void {
  schedule.isRoundInVain = true;
  schedule.notBefore = monotonicNow() + Math.max(FIRST_BACKOFF_MS, retryAfterMs);
}

/** There is a new batch in the spool. */
export function noteSpooled(schedule: ReplaySchedule): void {
  // After a round in vain the back-off decides.
  if (!schedule.isRoundInVain) endWaitIn(schedule, FIRST_BACKOFF_MS);
}

/** A circuit has closed. The last round may have been in vain just before a request of another ring was not. */
export function noteRecovered(schedule: ReplaySchedule): void {
  if (isWaiting(schedule.spool)) endWaitIn(schedule, Math.max(0, schedule.notBefore - monotonicNow()));
}

/** The server has accepted a batch from the ring. */
export function noteSent(schedule: ReplaySchedule): void {
  if (monotonicNow() >= schedule.notBefore && isWaiting(schedule.spool)) schedule.endWait?.();
}

/** Runs until the consumer ends. */
export async function runReplay(replay: Replay): Promise<void> {
  const { schedule, closing } = replay;
  let lookedAt = monotonicNow();
  let backoffMs = FIRST_BACKOFF_MS;
  while (!closing.aborted) {
    schedule.isRoundInVain = false;
    await sendRound(replay);
    releaseWaiters(replay);
    if (schedule.isRoundInVain) {
      await wait(replay, Math.max(schedule.notBefore - monotonicNow(), Math.random() * backoffMs));
      backoffMs = Math.min(2 * backoffMs, MAX_BACKOFF_MS);
    } else {
      backoffMs = FIRST_BACKOFF_MS;
      await wait(replay, LOOK_AGAIN_MS);
    }
    if (monotonicNow() - lookedAt < LOOK_AGAIN_MS || closing.aborted) continue;
    lookedAt = monotonicNow();
    adopt(schedule.spool);
  }
  releaseWaiters(replay);
}

/** Resolves when nothing is left to send, the server takes no more for now, or the consumer ends. */
export function replayed({ schedule, sender, closing, waiters }: Replay): Promise<void> {
  const { endWait } = schedule;
  return new Promise((resolve) => {
    if (closing.aborted) return resolve();
    if (endWait !== undefined && !isWaiting(schedule.spool)) return resolve();
    waiters.push(resolve);
    // It is the last try.
    sender.expedite();
    endWait?.();
  });
}

function releaseWaiters({ waiters }: Replay): void {
  for (const resolve of waiters.splice(0)) resolve();
}

/** Sends one batch alone first, as a probe, then several at a time. */
async function sendRound(replay: Replay): Promise<void> {
  if (!(await sendNext(replay))) return;
  const sendOthers = async (): Promise<void> => {
    while (await sendNext(replay));
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sendOthers));
}

/** Returns false if there is no batch, or the round is over. */
async function sendNext({ schedule, sender, closing, waiters }: Replay): Promise<boolean> {
  while (sender.isBusy() && !closing.aborted) await pause(LIVE_TRAFFIC_MS, closing);
  if (closing.aborted || schedule.isRoundInVain) return false;
  const next = takeOldest(schedule.spool);
  if (next === undefined) return false;
  await sender.send(next.frame, next.batch, waiters.length > 0);
  return !schedule.isRoundInVain;
}

function endWaitIn(schedule: ReplaySchedule, ms: number): void {
  if (schedule.alarm !== undefined) return;
  schedule.alarm = setTimeout(() => {
    schedule.alarm = undefined;
    schedule.endWait?.();
  }, ms).unref();
}

function wait({ schedule, closing }: Replay, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms).unref();
    closing.addEventListener('abort', end);
    schedule.endWait = end;
    function end(): void {
      clearTimeout(timer);
      closing.removeEventListener('abort', end);
      schedule.endWait = undefined;
      resolve();
    }
  });
}
