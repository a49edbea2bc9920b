/** One worker generation: a consumer in a worker thread of its own, or on this thread, from its start to its end. */
import type { MessagePort, Worker } from 'node:worker_threads';
import type { Remote } from 'comlink';
import type { Piscina } from 'piscina';
import type {
  CertificatesWanted,
  ConsumerControl,
  ConsumerInit,
  FurtherRing,
  Notice,
  TrustedCertificates,
} from '../../shared/contract/control.js';
import type { EngineOptions } from '../../shared/contract/engine-options.js';
import { offerRing } from '../../shared/ring/ownership.js';
import {
  BATCH_NOW,
  HEAD,
  LOADING,
  ringMemory,
  type SharedRing,
  STARTS,
  TAKING_NOW,
} from '../../shared/ring/ring-layout.js';
import { sleep } from '../../shared/runtime/real-time.js';
import { tlsCalls } from '../../shared/runtime/tls-calls.js';

export interface WorkerGeneration {
  readonly controlPort: MessagePort;
  readonly workerPort: MessagePort;
  /** Set while it starts. Held strongly: comlink releases the far end when the proxy is collected. */
  control: Remote<ConsumerControl> | undefined;
  readonly onMessage: (message: Notice | CertificatesWanted) => void;
  /** Records in batches that are being sent, by ring. Only where somebody measures exports. */
  readonly underWay: Map<number, number>;
  /** Notices that came while this thread blocked: their listeners belong to the application. */
  readonly heldNotices: Notice[];
  /** The start message of the consumer, with the far ends of the ports. */
  readonly init: ConsumerInit;
  /** The piscina pool of its worker. Undefined before it starts, and on this thread. */
  piscina: Piscina | undefined;
  /** Its worker where it was started without piscina. */
  thread: Worker | undefined;
  /** Whether no thread could be made for it, which another try would not change. */
  hasNoThread: boolean;
  /** Stops a consumer on this thread. */
  stopInline: (() => void) | undefined;
  state: 'starting' | 'running' | 'dead';
  /** The rings that it was offered. */
  readonly rings: OfferedRing[];
  readonly startsBefore: number;
  /** Called when it ends: the calls that wait for an answer get none. */
  readonly onEnd: Set<() => void>;
}

interface OfferedRing {
  readonly words: Int32Array;
  readonly headBefore: number;
}

/** A thread that is stuck in a system call does not end before that does. */
const TERMINATE_TIMEOUT_MS = 2_000;

/** Not imported: an application that has not loaded it yet would wait 1.5 ms more for `import 'tailrace'`. */
const threads = () => process.getBuiltinModule('node:worker_threads');

/** Makes the ports. They are not ref'd: an idle client must not keep the process alive. */
export function createGeneration(
  shared: SharedRing,
  workerGeneration: number,
  options: EngineOptions,
  onNotice: (notice: Notice) => void,
): WorkerGeneration {
  const { MessageChannel } = threads();
  const control = new MessageChannel();
  const worker = new MessageChannel();
  const onMessage: WorkerGeneration['onMessage'] = (message) => {
    if (message.kind === 'certificates') return worker.port1.postMessage(trustedCertificates());
    if (message.kind === 'export') {
      const { ring, records, seconds } = message;
      const before = generation.underWay.get(ring) ?? 0;
      generation.underWay.set(ring, before + (seconds === null ? records : -records));
    }
    onNotice(message);
  };
  worker.port1.on('message', onMessage);
  worker.port1.unref();
  const { words } = ringMemory(shared.ring);
  const generation: WorkerGeneration = {
    controlPort: control.port1,
    workerPort: worker.port1,
    control: undefined,
    onMessage,
    underWay: new Map(),
    heldNotices: [],
    init: { shared, workerGeneration, options, controlPort: control.port2, workerPort: worker.port2 },
    piscina: undefined,
    thread: undefined,
    hasNoThread: false,
    stopInline: undefined,
    state: 'starting',
    rings: [],
    startsBefore: Atomics.load(words, STARTS),
    onEnd: new Set(),
  };
  offer(generation, words);
  return generation;
}

/** Offers it the ring of another thread or destination as well. */
export function offerFurtherRing(generation: WorkerGeneration, further: FurtherRing): void {
  offer(generation, ringMemory(further.shared.ring).words);
  generation.workerPort.postMessage(further);
}

/** To be called once the ring is detached. */
export function forgetRing({ rings }: WorkerGeneration, { ring }: SharedRing): void {
  const index = rings.findIndex(({ words }) => words.buffer === ring);
  if (index !== -1) rings.splice(index, 1);
}

function offer({ init, rings }: WorkerGeneration, words: Int32Array): void {
  offerRing(words, init.workerGeneration);
  rings.push({ words, headBefore: Atomics.load(words, HEAD) });
}

/** Whether the consumer got as far as taking records; it may have died before it could report that. */
export function hasStarted({ init, startsBefore }: WorkerGeneration): boolean {
  return Atomics.load(ringMemory(init.shared.ring).words, STARTS) !== startsBefore;
}

/** Whether records have settled, or the rings say which record, batch or module it died of, so that a successor gets past it. */
export function hasMadeProgress({ rings }: WorkerGeneration): boolean {
  return rings.some(
    ({ words, headBefore }) =>
      Atomics.load(words, HEAD) !== headBefore ||
      Atomics.load(words, TAKING_NOW) !== 0 ||
      Atomics.load(words, BATCH_NOW) !== 0 ||
      Atomics.load(words, LOADING) !== 0,
  );
}

/** A function, as the compiler takes a state that it has checked before an `await` for unchanged. */
export function hasEnded({ state }: WorkerGeneration): boolean {
  return state === 'dead';
}

/** Passes on the notices that have come. Two ports keep no order between them: an answer may overtake a notice. */
export function receiveNotices({ workerPort, heldNotices, onMessage }: WorkerGeneration): void {
  for (const notice of heldNotices.splice(0)) onMessage(notice);
  for (const message of messagesOn(workerPort)) onMessage(message);
}

/** While this thread blocks: answers the consumer, which may wait for the answer, and holds its notices. */
export function answerConsumer({ workerPort, heldNotices, onMessage }: WorkerGeneration): void {
  for (const message of messagesOn(workerPort)) {
    if (message.kind === 'certificates') onMessage(message);
    else heldNotices.push(message);
  }
}

function* messagesOn(port: MessagePort): Iterable<Notice | CertificatesWanted> {
  const { receiveMessageOnPort } = threads();
  for (let one = receiveMessageOnPort(port); one !== undefined; one = receiveMessageOnPort(port)) {
    yield one.message;
  }
}

/**
 * The certificates that this thread trusts, for a worker that was refused one: `tls.setDefaultCACertificates` reaches only the
 * thread that calls it. Null: this Node.js has no such call (before 22.19 and 24.5).
 */
function trustedCertificates(): TrustedCertificates {
  try {
    return { certificates: tlsCalls()?.getCACertificates('default') ?? null };
  } catch {
    // Called from the event loop: an exception here would be an uncaught one of the application.
    return { certificates: null };
  }
}

/** Ends a generation, if it has not ended by itself. Resolves when its thread is gone, or cannot be stopped. */
export async function endGeneration(generation: WorkerGeneration): Promise<void> {
  generation.state = 'dead';
  receiveNotices(generation);
  for (const [ring, records] of generation.underWay) {
    if (records > 0)
      generation.onMessage({ kind: 'export', ring, records, seconds: null, failure: 'worker-ended' });
  }
  generation.underWay.clear();
  generation.controlPort.close();
  generation.workerPort.close();
  generation.stopInline?.();
  for (const onEnd of generation.onEnd) onEnd();
  await Promise.race([terminate(generation), sleep(TERMINATE_TIMEOUT_MS)]);
}

async function terminate({ piscina, thread }: WorkerGeneration): Promise<void> {
  // In this turn of the event loop: it may be the last.
  await Promise.allSettled([...(piscina?.threads ?? []), thread].map((one) => one?.terminate()));
  await piscina?.destroy().catch(() => {});
}
