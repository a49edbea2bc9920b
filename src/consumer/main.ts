/** The consumer: a pipeline for each ring, over one HTTP client. The task that the worker thread is given; also runs inline. */
import { receiveMessageOnPort } from 'node:worker_threads';
import { expose } from 'comlink';
import { unclaimRing } from '../shared/claim.js';
import {
  type ConsumerControl,
  type ConsumerInit,
  type FurtherRing,
  type Notice,
  OWN_RING,
  type TrustedCertificates,
} from '../shared/control.js';
import { messageOf } from '../shared/errors.js';
import { setImmediate } from '../shared/real-time.js';
import { DEBUG, ringMemory } from '../shared/ring-layout.js';
import { keepSuppressed } from '../shared/suppression.js';
import { createGate } from './gate.js';
import { createHttpTransport } from './http-transport.js';
import { createNotices, noticesOf } from './notices.js';
import { createPipeline, type Pipeline } from './pipeline.js';
import type { Transport } from './transport.js';
import { createTrust } from './trust.js';

/** The task of the worker: resolves when the consumer runs, which it does until its thread ends. */
export async function startConsumer(init: ConsumerInit): Promise<void> {
  await createConsumer(init);
}

export interface Consumer extends ConsumerControl {
  /** Ends in this very call and draws up no account: a successor finds on the rings all that has not settled. */
  quit(): void;
}

/** Makes a consumer that takes records from the next turn on, so that "it runs" is said before it can die of one. */
export async function createConsumer(init: ConsumerInit): Promise<Consumer> {
  const { shared, life, options, controlPort, lanePort } = init;
  const { words } = ringMemory(shared.ring);
  const post = (notice: Notice): void => lanePort.postMessage(notice);
  const notices = createNotices(post, () => Atomics.load(words, DEBUG));
  const trust = createTrust((message) => lanePort.postMessage(message));
  const { send, close } = createHttpTransport(options, trust.renew);
  const http: Transport = { send: (...args) => keepSuppressed(() => send(...args)), close };
  const host = { life, options, http, gate: createGate(options.maxInFlight) };
  const own = await createPipeline(shared, host, notices);
  const pipelines = new Map<number, Promise<Pipeline | undefined>>([[OWN_RING, Promise.resolve(own)]]);
  /** Of these, those that are made. */
  const open = new Set([own]);
  /** Once it ends: what becomes of those that are made too late. */
  let end: ((pipeline: Pipeline) => void) | undefined;

  const control: ConsumerControl = {
    async flush(tails, isLast) {
      receiveRings();
      await Promise.all(
        tails.map(async ({ ring, tail }) => (await pipelines.get(ring))?.flush(tail, isLast)),
      );
    },
    async release(ring) {
      receiveRings();
      const pipeline = await pipelines.get(ring);
      pipelines.delete(ring);
      if (pipeline === undefined || !open.delete(pipeline)) return;
      pipeline.stop();
      await pipeline.letGo();
      // After this call's answer, by which the ring's events are counted that a flush would have waited for.
      setImmediate(() => pipeline.close());
    },
    async replayed() {
      await Promise.all(Array.from(open, (pipeline) => pipeline.replayed()));
    },
    async retire() {
      receiveRings();
      if (end !== undefined || pipelines.size > 1 || !own.isIdle()) return false;
      quit();
      // Its loop may be about to write to the ring's words, which a successor's may have set.
      await own.letGo();
      unclaimRing(words, life);
      return true;
    },
    async stop() {
      end = (pipeline) => pipeline.stop();
      for (const pipeline of open) end(pipeline);
      await http.close();
      for (const pipeline of open) pipeline.close();
    },
  };

  function quit(): void {
    if (end !== undefined) return;
    end = (pipeline) => pipeline.quit();
    void http.close();
    for (const pipeline of open) {
      end(pipeline);
      pipeline.close();
    }
  }

  async function openFurther({ ring, shared }: FurtherRing): Promise<Pipeline | undefined> {
    try {
      const pipeline = await createPipeline(shared, host, noticesOf(ring, notices, post));
      if (end !== undefined) {
        end(pipeline);
        pipeline.close();
        return undefined;
      }
      open.add(pipeline);
      setImmediate(() => pipeline.run());
      return pipeline;
    } catch (error) {
      notices.tell(`the ring of another thread cannot be emptied: ${messageOf(error)}`);
      return undefined;
    }
  }

  function takeIn(message: FurtherRing | TrustedCertificates): void {
    if ('certificates' in message) trust.take(message.certificates);
    else takeInRing(message);
  }

  function takeInRing(further: FurtherRing): void {
    pipelines.set(further.ring, openFurther(further));
  }

  /** Two ports keep no order between them: a call may overtake the ring that it is about. */
  function receiveRings(): void {
    for (let one = receiveMessageOnPort(lanePort); one !== undefined; one = receiveMessageOnPort(lanePort)) {
      takeIn(one.message as FurtherRing | TrustedCertificates);
    }
  }

  lanePort.on('message', takeIn);
  // To listen on a port is to ref it.
  lanePort.unref();
  expose(control, controlPort as never);
  setImmediate(() => own.run());
  return { ...control, quit };
}
