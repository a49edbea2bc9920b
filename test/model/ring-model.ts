/**
 * The protocol of the ring as a model: what each thread does to the words that both see, one atomic access a step, each
 * named after the code that makes it (producer/push/ring-writer, shared/ring/wake, consumer/intake/drainer, ring-reader, ledger).
 *
 * Records are all of one size and the ring has room for two, so a position is the number of a record. The net under a
 * parked consumer is left out: it may not be what saves a record.
 */
import { sleepingSteps, takingSteps } from './consumer-steps.js';
import { flushSteps, lifeSteps, settlingSteps } from './event-loop-steps.js';
import { type Model, Violation } from './explorer.js';
import type { Fault } from './faults.js';
import { producerSteps } from './producer-steps.js';
import { type Is, initialState, PLACES, type Scope, type State } from './ring-state.js';

export function ringModel(scope: Scope, fault?: Fault): Model<State> {
  const is: Is = (one) => fault === one;
  return {
    initial: initialState(scope),
    steps: [
      ...producerSteps(is),
      ...takingSteps(scope, is),
      ...sleepingSteps(is),
      ...settlingSteps(scope, is),
      ...flushSteps(scope, is),
      ...lifeSteps(is),
    ],
    check({ head, tail, sent, releaseTo }) {
      if (head > tail) throw new Violation('the head has passed the tail');
      if (tail - head > PLACES) throw new Violation('more is in use than there is room');
      if (sent !== Math.max(head, releaseTo))
        throw new Violation('a record was counted twice, or not at all');
    },
    isGoal: (state) =>
      state.producer === 'idle' &&
      state.consumer === 'park: asleep' &&
      state.position === state.tail &&
      (scope.cutBy === 'flush' || state.head === state.tail) &&
      (state.flush === 'none' || state.flush === 'answered'),
  };
}
