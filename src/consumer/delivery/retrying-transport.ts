/**
 * Tries a request again while its outcome says that this is worth it. When that is, the gate says: the requests of one
 * destination share a back-off, never before the time that the server asked for, unless the last try is due. Knows nothing
 * of HTTP. (undici's own retry leaves out POST.)
 */
import { counted } from '../../messages/quantities.js';
import type { ExportOutcome } from '../../shared/contract/exporter.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { createTurn, type Gate, goes, leaveAll } from './gate.js';
import type { ReadOutcome, Transport, TransportRequest } from './transport.js';
import type { Owner, Turn } from './turn.js';
import { answered, hurry, isSound, refused } from './verdicts.js';

export interface RetryOptions {
  readonly gate: Gate;
  /** In whose name requests wait at the gate. */
  readonly owner: Owner;
  /** How long a request is tried, from its first attempt on, before the last outcome stands. */
  readonly retryWindowMs: number;
  /** Ends every wait, and with it the trying. */
  readonly closing: AbortSignal;
  /** Told when a request waits for a further attempt, which is made no sooner than `delayMs` from now unless others come through. */
  readonly onRetry: (request: TransportRequest, outcome: Retryable, delayMs: number) => void;
  /**
   * The server has taken a request, or a part of it, in an attempt that began at `startedAt` (`monotonicNow()`). `isSound`:
   * none of its kind waits any more because it was refused.
   */
  readonly onTaken: (request: TransportRequest, startedAt: number, isSound: boolean) => void;
}

export type Retryable = Extract<ExportOutcome, { kind: 'retryable' }>;

export interface RetryingTransport extends Pick<Transport, 'close'> {
  /** `turn`: where the gate has let it through already, or is to be asked for more than this. */
  send(request: TransportRequest, read: ReadOutcome, turn?: Turn): Promise<ExportOutcome>;
  /**
   * The end is near: what waits because it has failed is tried now and backs off anew, but for what the server has told
   * to wait; what somebody would have to put right first is given up with its next answer. Until what it returns is called.
   */
  hurry(): () => void;
}

const TAKEN: ReadonlySet<ExportOutcome['kind']> = new Set(['success', 'partial', 'rejected']);

export function createRetryingTransport(inner: Transport, options: RetryOptions): RetryingTransport {
  const { gate, owner, closing, retryWindowMs } = options;
  let hurrying = 0;
  closing.addEventListener('abort', () => leaveAll(gate, owner.waiting));

  async function attempt(request: TransportRequest, read: ReadOutcome, turn: Turn): Promise<ExportOutcome> {
    const overtaken = new AbortController();
    turn.onOvertaken = () => overtaken.abort();
    const outcome = await inner.send(request, read, overtaken.signal);
    if (!turn.isOvertaken || outcome.kind !== 'retryable') return outcome;
    const seconds = ((monotonicNow() - turn.startedAt) / 1000).toFixed(1);
    return {
      kind: 'retryable',
      reason: `no answer for ${seconds} s, while ${originOf(request)} took other requests`,
    };
  }

  async function send(
    request: TransportRequest,
    read: ReadOutcome,
    turn: Turn = createTurn(gate, owner, destinationOf(request), { takesSlot: false }),
  ): Promise<ExportOutcome> {
    if (turn.state !== 'underWay' && (closing.aborted || !(await goes(gate, turn)))) return NOT_TRIED;
    turn.deadline = turn.startedAt + retryWindowMs;
    for (;;) {
      const outcome = await attempt(request, read, turn);
      if (outcome.kind !== 'retryable') {
        answered(gate, turn);
        if (TAKEN.has(outcome.kind)) options.onTaken(request, turn.startedAt, isSound(gate, turn));
        return outcome;
      }
      // Nobody puts it right any more: the others are to hear the same at once.
      if (outcome.misconfigured && hurrying > 0) {
        answered(gate, turn);
        return givenUp(outcome, turn);
      }
      const delayMs = refused(gate, turn, outcome, originOf(request));
      const leftMs = turn.deadline - monotonicNow();
      if (closing.aborted || leftMs < 1) return givenUp(outcome, turn);
      const mayGo = goes(gate, turn);
      options.onRetry(request, outcome, Math.max(0, Math.min(leftMs, delayMs)));
      if (!(await mayGo)) return givenUp(outcome, turn);
    }
  }

  return {
    send,
    hurry() {
      hurrying++;
      hurry(gate, owner);
      return () => hurrying--;
    },
    close: () => inner.close(),
  };
}

const NOT_TRIED: ExportOutcome = { kind: 'retryable', reason: 'no further attempt' };

function givenUp(outcome: Retryable, { tries }: Turn): ExportOutcome {
  return { ...outcome, reason: `gave up after ${counted(tries, 'attempt')}, the last: ${outcome.reason}` };
}

/** Batches have a circuit for each lane; all other requests have one for each server. */
function destinationOf(request: TransportRequest): string {
  return request.lane ?? originOf(request);
}

function originOf({ url }: TransportRequest): string {
  return URL.canParse(url) ? new URL(url).origin : url;
}
