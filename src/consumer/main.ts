/**
 * The consumer: one pipeline for each ring, one HTTP client for each destination. It runs as the task of the worker thread, or
 * on the application's thread (`worker: false`).
 */
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
import { giveUpOwnership } from '../shared/ring/ownership.js';
import { DEBUG, ringMemory, type SharedRing } from '../shared/ring/ring-layout.js';
import { setImmediate } from '../shared/runtime/real-time.js';
import { keepSuppressed } from '../shared/runtime/suppression.js';
import { messageOf } from '../shared/untrusted-text/errors.js';
import { createExporterLoader } from './exporter/load-exporter.js';
import { createHttpTransport } from './http/http-transport.js';
import { createTrust } from './http/trust.js';
import { createNotices, type Notices, noticesOf } from './notices.js';
import { publishOwnThread } from './own-thread.js';
import { createPipeline, type Pipeline } from './pipeline.js';
import type { DestinationParts } from './pipeline-parts.js';
import { createOwnTransport } from './transport/own-transport.js';
import { createRequestScheduler } from './transport/request-scheduler.js';
import type { Transport } from './transport/transport.js';

/** The task of the worker. Resolves when the consumer runs, which it then does until its thread ends. */
export async function startConsumer(init: ConsumerInit): Promise<void> {
  publishOwnThread(ringMemory(init.shared.ring).words, init.workerGeneration);
  await createConsumer(init);
}

/** What the rings of one destination share. */
interface Destination {
  /** Words of the destination's own ring. */
  readonly words: Int32Array;
  readonly parts: DestinationParts;
  readonly notices: Notices;
}

export interface Consumer extends ConsumerControl {
  /** Ends before this returns, without final counts: a successor finds all records that have not settled on the rings. */
  quit(): void;
}

/** Resolves before the consumer takes a record: the producer hears that it runs before it can die of a record. */
export async function createConsumer(init: ConsumerInit): Promise<Consumer> {
  const { shared, workerGeneration, options, controlPort, workerPort } = init;
  const post = (notice: Notice): void => workerPort.postMessage(notice);
  const trust = createTrust((message) => workerPort.postMessage(message));
  /** By ring. Rings of other threads have no destination of their own. */
  const destinations = new Map<number, Destination>();
  const first = createDestination(OWN_RING, shared, options);
  const own = await createPipeline(shared, first.parts, first.notices);
  const pipelines = new Map<number, Promise<Pipeline | undefined>>([[OWN_RING, Promise.resolve(own)]]);
  /** The pipelines that have been created so far. */
  const open = new Set([own]);
  /** Pipelines whose rings are detached, until they are closed. */
  const detached = new Map<number, Pipeline>();
  /** Set once the consumer ends: how to end a pipeline, also one that is created after that. */
  let end: ((pipeline: Pipeline) => void) | undefined;

  const control: ConsumerControl = {
    async flush(tails, isLast) {
      receiveRings();
      await Promise.all(
        tails.map(async ({ ring, tail }) => (await pipelines.get(ring))?.flush(tail, isLast)),
      );
    },
    async detach(ring) {
      receiveRings();
      const pipeline = await pipelines.get(ring);
      pipelines.delete(ring);
      if (pipeline === undefined || !open.delete(pipeline)) return;
      detached.set(ring, pipeline);
      pipeline.stop();
      await pipeline.detach();
      // Before this call returns: if the worker died later, nobody in this process would take the spool over.
      if (!destinations.has(ring)) pipeline.bequeath(own);
      // After this call's answer: with it the producer has the final counts that flushes wait for.
      setImmediate(() => closeDetached(ring));
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
      // The drain loop may still write to a ring's words, which would overwrite those of a successor.
      await Promise.all(Array.from(open, (pipeline) => pipeline.detach()));
      for (const { words } of destinations.values()) giveUpOwnership(words, workerGeneration);
      return true;
    },
    async stop() {
      end = (pipeline) => pipeline.stop();
      for (const pipeline of open) end(pipeline);
      await closeConnections();
      for (const ring of detached.keys()) closeDetached(ring);
      for (const pipeline of open) pipeline.close();
    },
  };

  /** Does nothing the second time: a consumer that stops does not wait for the scheduled call. */
  function closeDetached(ring: number): void {
    detached.get(ring)?.close();
    detached.delete(ring);
    // Rings without a destination of their own use the connections of the first ring.
    if (ring === OWN_RING) return;
    void destinations.get(ring)?.parts.http.close();
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
    const own = createOwnTransport(options.requestTimeoutMs);
    const http: Transport = {
      send: (request, ...args) =>
        keepSuppressed(() => ('deliver' in request ? own.send(request, ...args) : send(request, ...args))),
      close,
    };
    const notices = createNotices(ring, post, () => Atomics.load(words, DEBUG));
    const loader = createExporterLoader(options.exporter, words, notices);
    const parts: DestinationParts = {
      workerGeneration,
      options,
      http,
      scheduler: createRequestScheduler(options.maxInFlight),
      client: words,
      loader,
    };
    const destination = { words, parts, notices };
    destinations.set(ring, destination);
    return destination;
  }

  async function closeConnections(): Promise<void> {
    await Promise.all(Array.from(destinations.values(), ({ parts }) => parts.http.close()));
  }

  async function openFurther({ ring, shared, options }: FurtherRing): Promise<Pipeline | undefined> {
    const { parts, notices } = options === undefined ? first : createDestination(ring, shared, options);
    try {
      const ofRing = options === undefined ? noticesOf(ring, notices, post) : notices;
      const pipeline = await createPipeline(shared, parts, ofRing);
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

  function receive(message: FurtherRing | TrustedCertificates): void {
    if ('certificates' in message) trust.take(message.certificates);
    else pipelines.set(message.ring, openFurther(message));
  }

  /** Two ports keep no order between them: a call may overtake the message with its ring. */
  function receiveRings(): void {
    for (
      let one = receiveMessageOnPort(workerPort);
      one !== undefined;
      one = receiveMessageOnPort(workerPort)
    ) {
      receive(one.message as FurtherRing | TrustedCertificates);
    }
  }

  workerPort.on('message', receive);
  // Listening on a port refs it.
  workerPort.unref();
  expose(control, controlPort as never);
  setImmediate(() => own.run());
  return { ...control, quit };
}
