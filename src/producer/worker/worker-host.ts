/**
 * Keeps one consumer running: starts it, replaces it when it dies, and carries calls to it through deaths and
 * replacements.
 */

import type { Remote } from 'comlink';
import { message, type WarningMessage } from '../../messages/message.js';
import { type ConsumerControl, type Notice, OWN_RING } from '../../shared/contract/control.js';
import type { EngineOptions } from '../../shared/options.js';
import { withdrawRing } from '../../shared/ring/ownership.js';
import { HEAD, ringMemory, type SharedRing, TAIL } from '../../shared/ring/ring-layout.js';
import { markAbsent, markPresent } from '../../shared/ring/wake.js';
import {
  clearInterval,
  clearTimeout,
  setInterval,
  setTimeout,
  sleep,
} from '../../shared/runtime/real-time.js';
import { runOutside, runSuppressed } from '../../shared/runtime/suppression.js';
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { sayEnded, sayStuck } from './end-cause.js';
import { nameOfRecord } from './record-name.js';
import type { Place } from './sight.js';
import {
  connect,
  createLife,
  endLife,
  giveRing,
  hasStarted,
  type Life,
  receiveNotices,
  runLife,
  runLifeNow,
  takeRing,
  wasFruitful,
} from './worker-generation.js';

export interface WorkerHost {
  readonly shared: SharedRing;
  /** Rings of other threads and of other destinations, by their numbers. */
  readonly further: Map<number, SharedRing>;
  /** The options of other destinations, by the numbers of their rings. */
  readonly destinations: Map<number, EngineOptions>;
  /** The number that the next of these gets. */
  nextRing: number;
  readonly options: EngineOptions;
  readonly onNotice: (notice: Notice) => void;
  /** Called when it starts, and when it starts again. */
  onStart: () => void;
  /** Idle: not started yet, or it has given its thread back. */
  state: 'idle' | 'running' | 'stopped';
  /** While the consumer is asked to end for want of work: resolves when it has, or goes on. */
  retiring: Promise<boolean> | undefined;
  /** The consumer that runs or starts; always there while the host is running. */
  consumer: Consumer | undefined;
  /** Starts in a row that have failed. */
  failedStarts: number;
  /** Lives in a row that brought nothing forward. */
  fruitlessLives: number;
  /** Whether the consumer runs on this thread. */
  inline: boolean;
  /** Consumers so far. */
  lives: number;
}

interface Consumer {
  readonly life: Life;
  /** Resolves once it runs, or is dead. */
  readonly started: Promise<void>;
}

const FAILED_STARTS_BEFORE_INLINE = 3;
/** Wait before a start, after so many lives in a row that brought nothing forward. */
const RESTART_DELAYS_MS = [0, 100, 1_000, 10_000, 30_000];

export function createWorkerHost(
  shared: SharedRing,
  options: EngineOptions,
  onNotice: (notice: Notice) => void,
): WorkerHost {
  return {
    shared,
    further: new Map(),
    destinations: new Map(),
    nextRing: OWN_RING + 1,
    options,
    onNotice,
    onStart: () => {},
    state: 'idle',
    retiring: undefined,
    consumer: undefined,
    failedStarts: 0,
    fruitlessLives: 0,
    inline: options.worker === false,
    lives: 0,
  };
}

/** Starts the consumer, unless it runs. */
export function startHost(host: WorkerHost): void {
  if (host.state !== 'idle') return;
  begin(host);
  startConsumer(host);
}

/** Whether it runs no consumer for want of work. */
export function hasRested({ state, lives }: WorkerHost): boolean {
  return state === 'idle' && lives > 0;
}

function begin(host: WorkerHost): void {
  host.state = 'running';
  for (const words of ownWords(host)) markPresent(words);
  runOutside(host.onStart);
}

/** Of the rings of this thread: those of all destinations. */
function ownWords({ shared, further, destinations }: WorkerHost): Int32Array[] {
  const rings = [shared, ...Array.from(destinations.keys(), (ring) => further.get(ring) as SharedRing)];
  return rings.map(({ ring }) => ringMemory(ring).words);
}

/**
 * Ends a consumer that has nothing to do, and its thread: the next call starts another, and so does the next event, of which
 * the producer tells. False: it goes on.
 */
export function retireHost(host: WorkerHost): Promise<boolean> {
  const { consumer } = host;
  if (host.state !== 'running' || consumer?.life.state !== 'running') return Promise.resolve(false);
  host.retiring ??= retire(host, consumer).finally(() => {
    host.retiring = undefined;
  });
  return host.retiring;
}

async function retire(host: WorkerHost, consumer: Consumer): Promise<boolean> {
  let isAtRest = false;
  const outcome = await ask(consumer, async (control) => {
    isAtRest = await control.retire();
  });
  if (outcome !== 'answered' || !isAtRest || host.consumer !== consumer || host.state !== 'running') {
    return false;
  }
  host.state = 'idle';
  host.consumer = undefined;
  void endLife(consumer.life);
  const own = ownWords(host);
  for (const words of own) markAbsent(words);
  // What came while it ended is on a ring, and has woken nobody.
  const hasCome = own.some((words) => words[TAIL] !== Atomics.load(words, HEAD));
  if (hasCome || host.further.size > host.destinations.size) startHost(host);
  return host.state === 'idle';
}

/** The consumer, and any later one, empties this ring as well. */
export function addRing(host: WorkerHost, ring: number, shared: SharedRing): void {
  const { further, consumer } = host;
  further.set(ring, shared);
  if (consumer !== undefined) giveRing(consumer.life, { ring, shared, options: undefined });
  else startHost(host);
}

/** The same for a ring whose records go elsewhere. Returns its number. */
export function addDestination(host: WorkerHost, shared: SharedRing, options: EngineOptions): number {
  const ring = host.nextRing++;
  host.further.set(ring, shared);
  host.destinations.set(ring, options);
  if (host.consumer !== undefined) giveRing(host.consumer.life, { ring, shared, options });
  return ring;
}

/** It empties this ring no more. */
export function removeRing({ further, destinations, consumer }: WorkerHost, ring: number): void {
  const shared = further.get(ring);
  further.delete(ring);
  destinations.delete(ring);
  if (shared !== undefined && consumer !== undefined) takeRing(consumer.life, shared);
}

/**
 * Calls the consumer and waits for its answer, through deaths and replacements, until the deadline. Keeps the
 * process alive meanwhile, unless told otherwise. True: answered; false: the deadline has passed, or the host was stopped.
 */
export async function callConsumer(
  host: WorkerHost,
  call: (control: Remote<ConsumerControl>) => Promise<void>,
  { timeoutMs, keepsAlive = true }: { timeoutMs?: number | undefined; keepsAlive?: boolean },
): Promise<boolean> {
  // The one ref'd handle: neither the ports nor the worker keep the process alive.
  const keepAlive = keepsAlive ? setInterval(() => {}, 2 ** 30) : undefined;
  const deadline = expiry(timeoutMs);
  try {
    for (;;) {
      // It may be gone in a moment, and would not do what it is asked.
      while (host.retiring !== undefined) {
        if ((await Promise.race([host.retiring, deadline.expired])) === 'expired') return false;
      }
      startHost(host);
      const { consumer } = host;
      if (consumer === undefined) return false;
      const outcome = await Promise.race([ask(consumer, call), deadline.expired]);
      receiveNotices(consumer.life);
      // A consumer that died before it could answer has a successor by now: ask that one.
      if (outcome !== 'died') return outcome === 'answered';
    }
  } catch {
    return false;
  } finally {
    deadline.cancel();
    clearInterval(keepAlive);
  }
}

/** One call to one life of the consumer. What waits for the death of a life is let go with the answer. */
function ask(
  { started, life }: Consumer,
  call: (control: Remote<ConsumerControl>) => Promise<void>,
): Promise<'answered' | 'died' | 'failed'> {
  return new Promise((resolve) => {
    const onEnd = (): void => resolve('died');
    const answer = (outcome: 'answered' | 'failed') => (): void => {
      life.onEnd.delete(onEnd);
      resolve(outcome);
    };
    if (life.state === 'dead') return onEnd();
    life.onEnd.add(onEnd);
    started.then(() => life.control && call(life.control)).then(answer('answered'), answer('failed'));
  });
}

/** Ends the consumer and its thread. Resolves when it is gone. */
export async function stopHost(host: WorkerHost): Promise<void> {
  host.state = 'stopped';
  const { consumer } = host;
  host.consumer = undefined;
  if (consumer !== undefined) await endLife(consumer.life);
}

function startConsumer(host: WorkerHost): void {
  const apart = host.inline ? runSuppressed : runOutside;
  apart(() => {
    const life = newLife(host);
    host.consumer = { life, started: run(host, life) };
  });
}

function newLife(host: WorkerHost): Life {
  const { shared, further, destinations, options, onNotice } = host;
  const life = createLife(shared, ++host.lives, options, onNotice);
  for (const [ring, one] of further) {
    giveRing(life, { ring, shared: one, options: destinations.get(ring) });
  }
  return life;
}

/**
 * Makes sure, without the event loop, that a consumer runs: one that is still starting is overtaken by one that starts at
 * once. False: none can.
 */
export function ensureConsumerNow(host: WorkerHost): boolean {
  if (host.state === 'stopped') return false;
  const life = host.consumer?.life;
  // One whose thread runs needs no event loop any more: it may have been started for another ring a moment ago.
  const needsLoop = (one: Life): boolean =>
    one.thread === undefined && withdrawRing(ringMemory(host.shared.ring).words, one.init.life);
  const runs = life !== undefined && !host.inline && !needsLoop(life);
  return runs || replaceConsumerNow(host);
}

/**
 * Puts another consumer, in a thread of its own, in the place of the one that there is, which is no death of that. False: it
 * cannot start.
 */
export function replaceConsumerNow(host: WorkerHost): boolean {
  const before = host.consumer?.life;
  if (before !== undefined) sayEnded(before);
  return succeedNow(host);
}

/** The same where its thread has ended already. */
export function replaceDeadNow(host: WorkerHost): boolean {
  return succeedNow(host, message('TAILRACE_WORKER_DIED', 'its thread ended'));
}

/** The same for one that has not come back from there for so long. */
export function replaceStuckNow(host: WorkerHost, place: Place, forMs: number): boolean {
  const before = host.consumer?.life;
  if (before === undefined) return false;
  const message = stuckMessage(host, place, forMs);
  sayStuck(before, place);
  return succeedNow(host, message);
}

function succeedNow(host: WorkerHost, message?: WarningMessage): boolean {
  const before = host.consumer?.life;
  if (before !== undefined) void endLife(before);
  begin(host);
  const isRunning = runOutside(() => startConsumerNow(host));
  // Its listeners are the application's, which blocks.
  if (message !== undefined) host.consumer?.life.held.push({ kind: 'warning', ...message });
  return isRunning;
}

/** Ends a consumer that has not come back from there for so long, and starts another at once. */
export function replaceStuck(host: WorkerHost, place: Place, forMs: number): void {
  const { consumer } = host;
  if (host.state !== 'running' || consumer === undefined) return;
  const message = stuckMessage(host, place, forMs);
  sayStuck(consumer.life, place);
  // It has shown what it is that nothing gets past.
  host.fruitlessLives = 0;
  // Whoever waits on it looks for another one after this call.
  void endLife(consumer.life);
  startConsumer(host);
  tell(host, message);
}

function stuckMessage(host: WorkerHost, place: Place, forMs: number): WarningMessage {
  const seconds = Math.round(forMs / 100) / 10;
  return message('TAILRACE_WORKER_STUCK', nameOfPlace(host, place), seconds);
}

function nameOfPlace({ shared, further }: WorkerHost, { words, what, position }: Place): string {
  if (what === 'spooled batch') return 'a batch from the spool';
  if (what === 'loading') return 'the start of its exporter';
  const ring = [shared, ...further.values()].find(({ ring }) => ring === words.buffer);
  const record = ring === undefined ? 'an event' : nameOfRecord(ring, position);
  return what === 'batch' ? `a batch that begins with ${record}` : record;
}

function startConsumerNow(host: WorkerHost): boolean {
  const life = newLife(host);
  try {
    runLifeNow(life, host.options, (reason) => onDeath(host, life, reason));
  } catch {
    // Threads are not allowed: whatever took the ring's records before, on this thread, goes on after this.
    void endLife(life);
    startConsumer(host);
    return false;
  }
  life.state = 'running';
  host.consumer = { life, started: connect(life).catch(() => {}) };
  return true;
}

async function run(host: WorkerHost, life: Life): Promise<void> {
  try {
    await restartDelay(host);
    await runLife(life, host.options, host.inline, (reason) => onDeath(host, life, reason));
    if (life.state === 'starting') life.state = 'running';
  } catch (error) {
    onDeath(host, life, messageOf(error));
  }
}

/** Puts a successor in place before anybody who waits on the dead consumer looks for one. */
function onDeath(host: WorkerHost, life: Life, reason: string): void {
  if (life.state === 'dead') return;
  const started = life.state === 'running' || hasStarted(life);
  host.failedStarts = started ? 0 : host.failedStarts + 1;
  host.fruitlessLives = wasFruitful(life) ? 0 : host.fruitlessLives + 1;
  if (host.state === 'running' && host.consumer?.life === life) {
    if (started) tell(host, deathMessage(host, reason));
    else goInline(host, life, reason);
    startConsumer(host);
  }
  void endLife(life);
}

function deathMessage({ inline }: WorkerHost, reason: string): WarningMessage {
  return message(inline ? 'TAILRACE_INLINE_DELIVERY_FAILED' : 'TAILRACE_WORKER_DIED', reason);
}

/** After starts that have failed: the consumer runs on this thread from here on, if the next try is in vain as well. */
function goInline(host: WorkerHost, { hasNoThread }: Life, reason: string): void {
  if (host.inline) {
    if (host.failedStarts === 1) tell(host, message('TAILRACE_DELIVERY_NOT_STARTED', reason));
  } else if (hasNoThread || host.failedStarts >= FAILED_STARTS_BEFORE_INLINE) {
    tell(host, message('TAILRACE_WORKER_NOT_STARTED', reason));
    host.inline = true;
    host.failedStarts = 0;
    host.fruitlessLives = 0;
  }
}

function tell({ onNotice }: WorkerHost, message: WarningMessage): void {
  onNotice({ kind: 'warning', ...message });
}

async function restartDelay({ fruitlessLives }: WorkerHost): Promise<void> {
  const ms = RESTART_DELAYS_MS[Math.min(fruitlessLives, RESTART_DELAYS_MS.length - 1)] as number;
  if (ms > 0) await sleep(ms);
}

function expiry(ms: number | undefined): { expired: Promise<'expired'>; cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<'expired'>((resolve) => {
    if (ms !== undefined) timer = setTimeout(resolve, ms, 'expired');
  });
  return { expired, cancel: () => clearTimeout(timer) };
}
