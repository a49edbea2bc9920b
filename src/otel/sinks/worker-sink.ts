/** A sink with an engine of its own, whose worker delivers the spans. */

import type { EngineInput } from '../../config/options/engine.js';
import type { ExitWork } from '../../producer/consumer-link.js';
import { startEngine } from '../../producer/engine.js';
import type { Notifier } from '../../producer/messages/notifier.js';
import type { WriteEvent } from '../../producer/push/event-codec.js';
import type { ChooseGroup } from '../../producer/worker/worker-group.js';
import type { FinishedSpan } from '../../records/finished-span.js';
import { sumDropped } from '../../shared/ring/totals.js';
import { countLoss, createLosses, endLossAt } from './losses.js';
import type { SpanSink } from './span-sink.js';

interface WorkerSinkOptions {
  readonly engine: EngineInput;
  readonly maxQueueSize: number;
}

export function createWorkerSink(
  { engine: input, maxQueueSize }: WorkerSinkOptions,
  notifier: Notifier,
  work: ExitWork,
  writeSpan: WriteEvent<FinishedSpan>,
  groupFor: ChooseGroup,
): SpanSink {
  const engine = startEngine(input, notifier, work, groupFor);
  const losses = createLosses(notifier);
  const isSharded = (input.workers ?? 1) > 1;
  /** Spans that may be written before the queue is checked again, which takes some loads from shared memory. */
  let knownRoom = maxQueueSize;

  function hasRoom(): boolean {
    if (knownRoom > 0) return true;
    const { pending } = engine.stats();
    knownRoom = maxQueueSize - pending;
    endLossAt(losses, pending, maxQueueSize);
    return knownRoom > 0;
  }

  return {
    write(span: FinishedSpan) {
      // During a loss each span checks the queue, so that the end of the loss is reported in time.
      if (losses.losing) knownRoom = 0;
      if (!hasRoom()) {
        countLoss(losses, 'queue-full');
        return;
      }
      knownRoom--;
      engine.write(writeSpan, span, isSharded ? shardOf(span) : 0);
    },
    refuse: (reason) => countLoss(losses, reason),
    async flush() {
      await engine.flush();
    },
    async shutdown() {
      await engine.shutdown();
    },
    onExport: (listener) => engine.onExport(listener),
    stats() {
      const counts = engine.stats();
      return { ...counts, dropped: sumDropped([counts.dropped, losses.dropped]) };
    },
  };
}

/** By the last digits of the trace id, which are random. */
function shardOf(span: FinishedSpan): number {
  return Number.parseInt(span.spanContext().traceId.slice(-8), 16);
}
