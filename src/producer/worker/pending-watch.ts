/** Tells when events of an attached thread stand still: the worker is its owner's to watch, who may have no events of its own. */

import { HEAD, TAIL } from '../../shared/ring/ring-layout.js';
import { setTimeout } from '../../shared/runtime/real-time.js';
import { runOutside } from '../../shared/runtime/suppression.js';
import type { RingWriter } from '../push/ring-writer.js';

/**
 * Calls `onStill` when nothing has settled for that time though something waits, and again after each further such time,
 * until it says that there is no more to be told.
 */
export function watchPending(ring: RingWriter, stillMs: number, onStill: () => boolean): void {
  const { words } = ring;

  function lookLater(headBefore: number): void {
    const look = (): void => {
      const head = Atomics.load(words, HEAD);
      ring.isWatched = head !== Atomics.load(words, TAIL);
      if (!ring.isWatched) return;
      if (head !== headBefore || !onStill()) lookLater(head);
    };
    runOutside(() => setTimeout(look, stillMs).unref());
  }

  ring.isWatched = false;
  ring.onPending = () => {
    ring.isWatched = true;
    lookLater(Atomics.load(words, HEAD));
  };
}
