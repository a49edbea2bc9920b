/**
 * Spans that have ended and cannot be written yet: their resource still waits for some of its attributes, or the
 * application's mask has returned a promise. Bounded in number and in time.
 */

import type { FinishedSpan, ResourceLike } from '../../records/finished-span.js';
import { clearTimeout, setTimeout } from '../../shared/runtime/real-time.js';
import type { SpanSink } from './span-sink.js';

export interface HeldSpans {
  readonly held: Set<Held>;
  readonly maxHeld: number;
  readonly maxWaitMs: number;
  /** The waits that have begun, by resource; false once one has taken too long. */
  readonly resources: WeakMap<ResourceLike, Promise<unknown> | false>;
}

interface Held {
  readonly settled: Promise<void>;
  /** Writes it as it can be at this moment. */
  readonly writeNow: () => void;
}

export function createHeldSpans(maxHeld: number, maxWaitMs: number): HeldSpans {
  return { held: new Set(), maxHeld, maxWaitMs, resources: new WeakMap() };
}

/** What a span has to wait for before its resource is complete; undefined: nothing, or it has waited long enough. */
export function resourceOf(spans: HeldSpans, { resource }: FinishedSpan): Promise<unknown> | undefined {
  if (resource?.asyncAttributesPending !== true) return undefined;
  const waits = spans.resources.get(resource);
  if (waits !== undefined) return waits || undefined;
  const wait = Promise.race([waitFor(resource).catch(() => {}), delay(spans)]);
  spans.resources.set(resource, wait);
  void wait.then(() => spans.resources.set(resource, false));
  return wait;
}

/** Rejects also where the call throws. */
async function waitFor(resource: ResourceLike): Promise<void> {
  await resource.waitForAsyncAttributes?.();
}

export function hasRoomToHold({ held, maxHeld }: HeldSpans): boolean {
  return held.size < maxHeld;
}

/**
 * Writes the span that `ready` resolves to, or `fallback` where it rejects. Once: what `writeNow` has written is not
 * written again.
 */
export function holdSpan(
  { held }: HeldSpans,
  ready: Promise<FinishedSpan>,
  sink: SpanSink,
  fallback: () => FinishedSpan,
): void {
  const write = (span: () => FinishedSpan): void => {
    if (!held.delete(one)) return;
    try {
      sink.write(span());
    } catch {
      sink.refuse('unserializable');
    }
  };
  const one: Held = {
    settled: ready.then(
      (span) => write(() => span),
      () => write(fallback),
    ),
    writeNow: () => write(fallback),
  };
  held.add(one);
}

/** Rejects where the application's mask takes too long. */
export function inTime<T>({ maxWaitMs }: HeldSpans, masked: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(reject, maxWaitMs).unref();
    void masked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** Resolves once each that is held now has been written. */
export async function allWritten({ held }: HeldSpans): Promise<void> {
  await Promise.all(Array.from(held, ({ settled }) => settled));
}

/** At the end of the process, which waits for nothing any more. */
export function writeAllHeld({ held }: HeldSpans): void {
  for (const { writeNow } of held) writeNow();
}

function delay({ maxWaitMs }: HeldSpans): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, maxWaitMs).unref());
}
