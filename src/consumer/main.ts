/** The consumer: a pipeline for each ring, over one HTTP client for each destination. The task that the worker thread is given; also runs inline. */

import { receiveMessageOnPort } from 'node:worker_threads';
import { expose } from 'comlink';
import { message } from '../messages/message.js';
import {
  type ConsumerControl,
  type ConsumerInit,
  type ConsumerOptions,
  type FurtherRing,
  type Notice,
  OWN_RING,
  type TrustedCertificates,
} from '../shared/contract/control.js';
import { unclaimRing } from '../shared/ring/ownership.js';
import { DEBUG, ringMemory, type SharedRing } from '../shared/ring/ring-layout.js';
import { setImmediate } from '../shared/runtime/real-time.js';
import { keepSuppressed } from '../shared/runtime/suppression.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { createGate } from './delivery/gate.js';
import type { Transport } from './delivery/transport.js';
import { createExporterLoader } from './exporter/load-exporter.js';
import type { PipelineHost } from './ground.js';
import { createHttpTransport } from './http/http-transport.js';
import { createTrust } from './http/trust.js';
import { createNotices, type Notices, noticesOf } from './notices.js';
import { sayOwnThread } from './own-thread.js';
import { createPipeline, type Pipeline } from './pipeline.js';

/** The task of the worker: resolves when the consumer runs, which it does until its thread ends. */
export async function startConsumer(init: ConsumerInit): Promise<void> {
  sayOwnThread(ringMemory(init.shared.ring).words, init.life);
  await createConsumer(init);
}

/** What the rings of one destination have in common. */
interface Destination {
  /** Of its own ring. */
  readonly words: Int32Array;
  readonly host: PipelineHost;
  readonly notices: Notices;
}

export interface Consumer extends ConsumerControl {
  /** Ends in this very call and draws up no account: a successor finds on the rings all that has not settled. */
  quit(): void;
}

/** Makes a consumer that takes records from the next turn on, so that "it runs" is said before it can die of one. */
export async function createConsumer(init: ConsumerInit): Promise<Consumer> {
  const { shared, life, options, controlPort, lanePort } = init;
  const post = (notice: Notice): void => lanePort.postMessage(notice);
  const trust = createTrust((message) => lanePort.postMessage(message));
  /** By their rings. Those of other threads are not among them. */
  const destinations = new Map<number, Destination>();
  const first = createDestination(OWN_RING, shared, options);
  const own = await createPipeline(shared, first.host, first.notices);
  const pipelines = new Map<number, Promise<Pipeline | undefined>>([[OWN_RING, Promise.resolve(own)]]);
  /** Of these, those that are made. */
  const open = new Set([own]);
  /** Those whose rings are given back, and that are not closed yet. */
  const released = new Map<number, Pipeline>();
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
      released.set(ring, pipeline);
      pipeline.stop();
      await pipeline.letGo();
      // In this turn: a worker that died later would leave it to nobody in this process.
      if (!destinations.has(ring)) pipeline.bequeath(own);
      // After this call's answer, by which the ring's events are counted that a flush would have waited for.
      setImmediate(() => closeReleased(ring));
    },
    async replayed() {
      await Promise.all(Array.from(open, (pipeline) => pipeline.replayed()));
    },
    async retire() {
      receiveRings();
      const isAttached = Array.from(pipelines.keys()).some((ring) => !destinations.has(ring));
      const isBusy = pipelines.size !== open.size || !Array.from(open).every((pipeline) => pipeline.isIdle());
      if (end !== undefined || isAttached || isBusy) return false;
      quit();
      // Its loop may be about to write to a ring's words, which a successor's may have set.
      await Promise.all(Array.from(open, (pipeline) => pipeline.letGo()));
      for (const { words } of destinations.values()) unclaimRing(words, life);
      return true;
    },
    async stop() {
      end = (pipeline) => pipeline.stop();
      for (const pipeline of open) end(pipeline);
      await closeConnections();
      for (const ring of released.keys()) closeReleased(ring);
      for (const pipeline of open) pipeline.close();
    },
  };

  /** Once: a consumer that ends meanwhile does not wait for it. */
  function closeReleased(ring: number): void {
    released.get(ring)?.close();
    released.delete(ring);
    // Of the first ring's connections all that have no destination of their own make use.
    if (ring === OWN_RING) return;
    void destinations.get(ring)?.host.http.close();
    destinations.delete(ring);
  }

  function quit(): void {
    if (end !== undefined) return;
    end = (pipeline) => pipeline.quit();
    void closeConnections();
    for (const pipeline of open) {
      end(pipeline);
      pipeline.close();
    }
  }

  function createDestination(
    ring: number,
    { ring: memory }: SharedRing,
    options: ConsumerOptions,
  ): Destination {
    const { words } = ringMemory(memory);
    const { send, close } = createHttpTransport(options, trust.renew);
    const http: Transport = { send: (...args) => keepSuppressed(() => send(...args)), close };
    const notices = createNotices(ring, post, () => Atomics.load(words, DEBUG));
    const loader = createExporterLoader(options.exporter, words, notices);
    const host = { life, options, http, gate: createGate(options.maxInFlight), client: words, loader };
    const destination = { words, host, notices };
    destinations.set(ring, destination);
    return destination;
  }

  async function closeConnections(): Promise<void> {
    await Promise.all(Array.from(destinations.values(), ({ host }) => host.http.close()));
  }

  async function openFurther({ ring, shared, options }: FurtherRing): Promise<Pipeline | undefined> {
    const { host, notices } = options === undefined ? first : createDestination(ring, shared, options);
    try {
      const ofRing = options === undefined ? noticesOf(ring, notices, post) : notices;
      const pipeline = await createPipeline(shared, host, ofRing);
      if (end !== undefined) {
        end(pipeline);
        pipeline.close();
        return undefined;
      }
      open.add(pipeline);
      setImmediate(() => pipeline.run());
      return pipeline;
    } catch (error) {
      notices.tell(message('TAILRACE_RING_NOT_READ', messageOf(error)));
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
