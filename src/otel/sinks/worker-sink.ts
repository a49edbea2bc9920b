/** The sink that a processor has of its own: an engine, whose worker does all that comes after the ring. */

import type { EngineInput } from '../../config/options/engine.js';
import type { ExitWork } from '../../producer/consumer-link.js';
import { startEngine } from '../../producer/engine.js';
import type { Notifier } from '../../producer/messages/notifier.js';
import type { WriteEvent } from '../../producer/push/event-codec.js';
import type { ChooseGroup } from '../../producer/worker/worker-group.js';
import type { FinishedSpan } from '../../records/finished-span.js';
import { sumDropped } from '../../shared/ring/totals.js';
import { countLoss, createLosses, endLoss } from './losses.js';
import type { SpanSink } from './span-sink.js';

export interface WorkerSinkOptions {
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
  /** Spans that may be written before the queue has to be looked at again: that takes some loads from shared memory. */
  let known = maxQueueSize;

  function hasRoom(): boolean {
    if (known > 0) return true;
    const { pending } = engine.stats();
    known = maxQueueSize - pending;
    endLoss(losses, pending, maxQueueSize);
    return known > 0;
  }

  return {
    write(span: FinishedSpan) {
      // The end of a loss is told by a span that is written: until then each one looks.
      if (losses.losing) known = 0;
      if (!hasRoom()) {
        countLoss(losses, 'queue-full');
        return;
      }
      known--;
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

/** By trace, from the end of its id, which is random. */
function shardOf(span: FinishedSpan): number {
  return Number.parseInt(span.spanContext().traceId.slice(-8), 16);
}
