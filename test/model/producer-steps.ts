/** The steps of the application's thread: producer/push/ring-writer, and its half of shared/ring/wake. */
import type { Step } from './explorer.js';
import { HIGH_WATER, type Is, notify, PLACES, type State } from './ring-state.js';

export function producerSteps(is: Is): Step<State>[] {
  const publishesFirst = is('published before it is written');
  const looksFirst = is('SLEEP is loaded before the tail is stored');
  const afterWake = looksFirst ? 'publish' : 'idle';
  return [
    {
      name: 'producer: claim',
      optional: true,
      isEnabled: (s) => s.producer === 'idle' && s.pushes > 0,
      take(s) {
        s.pushes--;
        const isFull = (): boolean => s.tail - s.cachedHead === PLACES;
        if (isFull()) s.cachedHead = s.head;
        const refused = isFull() && !is('claimed without a look at the head');
        if (!refused) s.producer = publishesFirst ? 'publish' : 'write';
      },
    },
    step('write', 'write', (s) => {
      const position = publishesFirst ? s.tail - 1 : s.tail;
      if (position % PLACES === 0) s.evenPlace = position;
      else s.oddPlace = position;
      s.producer = publishesFirst || looksFirst ? 'load SLEEP' : 'publish';
    }),
    step('publish', 'publish, store TAIL', (s) => {
      s.tail++;
      const seemsHigh = s.tail - s.cachedRead > HIGH_WATER;
      s.producer = seemsHigh ? 'load READ' : 'load SLEEP';
      if (publishesFirst) s.producer = 'write';
      if (looksFirst) s.producer = 'idle';
    }),
    step('load READ', 'publish, load READ', (s) => {
      s.cachedRead = s.read;
      s.producer = s.tail - s.cachedRead > HIGH_WATER ? 'exchange SLEEP' : 'load SLEEP';
    }),
    step('load SLEEP', 'wakeParked, load SLEEP', (s) => {
      s.producer = s.sleep === 'parked' ? 'exchange SLEEP' : afterWake;
    }),
    step('exchange SLEEP', 'wake, exchange SLEEP', (s) => {
      s.producer = s.sleep === 'awake' ? afterWake : 'notify';
      if (!is('the wake notifies without an exchange')) s.sleep = 'awake';
    }),
    step('notify', 'wake, notify', (s) => {
      notify(s);
      s.producer = afterWake;
    }),
  ];
}

function step(at: State['producer'], what: string, take: (s: State) => void): Step<State> {
  return { name: `producer: ${what}`, isEnabled: (s) => s.producer === at, take };
}
