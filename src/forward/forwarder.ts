/**
 * Brings batches from a source to a target. It takes a few entries at a time and leaves all others where they are, so that producers
 * see how full the source is. An entry is acknowledged when its batch is delivered, or put aside with the reason why it never will be.
 */
import { setMaxListeners } from 'node:events';
import { backoffMs } from '../consumer/transport/circuit-breaker.js';
import { clearInterval, monotonicNow, setInterval, sleep } from '../shared/runtime/real-time.js';
import {
  type Batch,
  type DeadLetter,
  type Source,
  SourceFault,
  type Taken,
  type Target,
} from './contract.js';
import { createCounts, type ForwardCounts, laneOf } from './counts.js';
import { createDelivery, type Settlement } from './delivery.js';
import { pause } from './pause.js';

export interface ForwarderOptions {
  readonly source: Source;
  readonly target: Target;
  /** Requests under way. */
  readonly inFlight: number;
  readonly claimAfterMs: number;
  /** An entry that so many forwarders have taken and left without a result may be the cause of it: it becomes a dead letter. */
  readonly maxAttempts: number;
  readonly onNews: (news: ForwardNews) => void;
}

export type ForwardNews =
  /** Said once until it is over. */
  | {
      readonly kind: 'trouble';
      readonly of: 'source' | 'target';
      readonly reason: string;
      readonly misconfigured: boolean;
    }
  | { readonly kind: 'recovered'; readonly of: 'source' | 'target' }
  | { readonly kind: 'replayed'; readonly count: number }
  | {
      readonly kind: 'dead-letter';
      readonly name: string;
      readonly reason: string;
      readonly dropped: number;
    };

export interface Forwarder {
  readonly counts: ForwardCounts;
  /** Entries that it has taken and that have not come to their end. */
  held(): number;
  isTroubled(of: 'source' | 'target'): boolean;
  /** Resolves when `stop` is aborted and what was taken is delivered, or given back. */
  run(stop: AbortSignal, replaysDead?: boolean): Promise<void>;
}

/** Of each request under way one more entry is there, so that the next goes at once. */
const HELD_PER_REQUEST = 2;
const FIRST_IDLE_MS = 10;
const MAX_IDLE_MS = 250;
const MAX_SOURCE_BACKOFF_MS = 5_000;
/** At the end: time for what was taken to be delivered, less where the target is away; then time to give the rest back. */
const DRAIN_MS = 10_000;
const DRAIN_IN_TROUBLE_MS = 2_000;
const RELEASE_MS = 2_000;

export function createForwarder(options: ForwarderOptions): Forwarder {
  const { source, target, inFlight, claimAfterMs, maxAttempts, onNews } = options;
  const counts = createCounts();
  const held = new Map<string, Taken>();
  const underWay = new Set<Promise<void>>();
  /** Ends all waits, each of which listens. */
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  let onRoom = (): void => {};
  const troubled = { source: false, target: false };

  const tellTrouble = (of: 'source' | 'target', reason: string, misconfigured = false): void => {
    if (troubled[of]) return;
    troubled[of] = true;
    onNews({ kind: 'trouble', of, reason, misconfigured });
  };
  const tellRecovered = (of: 'source' | 'target'): void => {
    if (!troubled[of]) return;
    troubled[of] = false;
    onNews({ kind: 'recovered', of });
  };

  const delivery = createDelivery(
    target,
    inFlight,
    {
      onRetry(_request, { reason, misconfigured }) {
        counts.retries++;
        tellTrouble('target', reason, misconfigured);
      },
      onTaken: (_request, _startedAt, isHealthy) => {
        if (isHealthy) tellRecovered('target');
      },
    },
    closing.signal,
  );

  /** Until the source has done it. Undefined: the end came first. */
  async function untilDone<T>(work: () => Promise<T>, end = closing.signal): Promise<T | undefined> {
    for (let failures = 0; !end.aborted; failures++) {
      try {
        const result = await work();
        tellRecovered('source');
        return result;
      } catch (error) {
        if (!(error instanceof SourceFault)) throw error;
        tellTrouble('source', error.message, error.misconfigured);
        await pause(backoffMs(failures, MAX_SOURCE_BACKOFF_MS), end);
      }
    }
    return undefined;
  }

  async function putAside(taken: Taken, letter: DeadLetter): Promise<void> {
    const dropped = await untilDone(() => source.putAside(taken, letter));
    if (dropped === undefined) return;
    counts.deadLetters++;
    counts.deadLettersDropped += dropped;
    onNews({ kind: 'dead-letter', name: taken.name, reason: letter.reason, dropped });
  }

  async function settle(taken: Taken, batch: Batch, settlement: Settlement): Promise<void> {
    const { isSettled, delivered, refused, letters } = settlement;
    if (!isSettled) return;
    for (const { reason, part } of letters) {
      await putAside(taken, part === undefined || part === batch ? { reason } : { reason, part });
    }
    // A batch of which nothing was taken may be put back under its id.
    if (!(await acknowledge(taken, delivered > 0))) return;
    const lane = laneOf(counts, batch.lane);
    lane.delivered += delivered;
    lane.refused += refused;
  }

  async function acknowledge(taken: Taken, isDelivered: boolean): Promise<boolean> {
    const done = await untilDone(() => source.acknowledge(taken, isDelivered).then(() => true));
    if (done === undefined) return false;
    held.delete(taken.name);
    counts.entries++;
    return true;
  }

  async function handle(taken: Taken): Promise<void> {
    const { content, attempts } = taken;
    if (content.kind === 'unreadable') {
      await putAside(taken, { reason: content.reason });
      await acknowledge(taken, false);
      return;
    }
    const { batch } = content;
    if (content.kind === 'duplicate') {
      if (await acknowledge(taken, true)) counts.duplicates++;
    } else if (attempts > maxAttempts) {
      const reason = `${attempts - 1} forwarders have taken it and ended without a result`;
      await settle(taken, batch, {
        isSettled: true,
        delivered: 0,
        refused: batch.count,
        letters: [{ reason }],
      });
    } else if (target.skips(batch.lane)) {
      if (await acknowledge(taken, true)) laneOf(counts, batch.lane).skipped += batch.count;
    } else {
      await settle(taken, batch, await delivery.deliver(batch));
    }
  }

  /** A fault of our own code ends the process: its entries go to others, who put aside what many have died of. */
  function start(taken: Taken): void {
    if (held.has(taken.name)) return;
    held.set(taken.name, taken);
    const handled = handle(taken).finally(() => {
      underWay.delete(handled);
      onRoom();
    });
    underWay.add(handled);
  }

  /** Until an entry has come to its end. */
  function roomOrEnd(stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      onRoom = () => {
        stop.removeEventListener('abort', onRoom);
        resolve();
      };
      stop.addEventListener('abort', onRoom);
    });
  }

  async function take(stop: AbortSignal): Promise<void> {
    let claimAt = 0;
    let idleMs = FIRST_IDLE_MS;
    while (!stop.aborted) {
      const room = HELD_PER_REQUEST * inFlight - held.size;
      if (room <= 0) {
        await roomOrEnd(stop);
        continue;
      }
      const isClaim = monotonicNow() >= claimAt;
      const taken = (await untilDone(() => (isClaim ? source.claim(room) : source.read(room)), stop)) ?? [];
      // There may be more of them.
      if (isClaim && taken.length < room) claimAt = monotonicNow() + claimAfterMs / 2;
      for (const one of taken) {
        // Some sources give entries of the dead with the others.
        if (!held.has(one.name) && (isClaim || one.attempts > 1)) counts.claimed++;
        start(one);
      }
      idleMs = taken.length > 0 ? FIRST_IDLE_MS : Math.min(2 * idleMs, MAX_IDLE_MS);
      if (taken.length === 0) await pause(idleMs, stop);
    }
  }

  return {
    counts,
    held: () => held.size,
    isTroubled: (of) => troubled[of],

    async run(stop, replaysDead = false) {
      if (replaysDead) {
        const count = await untilDone(() => source.replayDead(), stop);
        if (count !== undefined) onNews({ kind: 'replayed', count });
      }
      const heartBeat = setInterval(() => {
        if (held.size > 0) source.extend([...held.values()]).catch(() => {});
      }, claimAfterMs / 3);
      await take(stop);
      delivery.expedite();
      await Promise.race([
        Promise.allSettled(underWay),
        sleep(troubled.target ? DRAIN_IN_TROUBLE_MS : DRAIN_MS),
      ]);
      closing.abort();
      await Promise.allSettled(underWay);
      clearInterval(heartBeat);
      if (held.size > 0) {
        await Promise.race([source.release([...held.values()]).catch(() => {}), sleep(RELEASE_MS)]);
      }
      await Promise.race([source.close(), sleep(RELEASE_MS)]);
      await target.close();
    },
  };
}
