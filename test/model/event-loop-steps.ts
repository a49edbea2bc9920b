/** What comes to the consumer between its looks at the ring: answers, timers, flushes, and its death. */
import { type Step, Violation } from './explorer.js';
import {
  cutAll,
  cutBlocker,
  enterFate,
  type Is,
  isInEventLoop,
  notify,
  replaced,
  type Scope,
  type State,
} from './ring-state.js';

export function settlingSteps({ pushes, cutBy }: Scope, is: Is): Step<State>[] {
  const numbers = Array.from({ length: pushes }, (_, number) => number);
  return [
    ...numbers.flatMap((number): Step<State>[] => [
      {
        name: `server: answer ${number}`,
        isEnabled: ({ ledger }) => ledger[number] === 'f',
        take(s) {
          s.delivered = replaced(s.delivered, number, 'd');
          enterFate(s, number, 'a');
        },
      },
      {
        name: `consumer: settle ${number}, release`,
        isEnabled: (s) => s.ledger[number] === 'a' && isInEventLoop(s) && s.releaseTo === 0,
        take(s) {
          enterFate(s, number, 's');
          if (is('released when taken')) return afterRelease(s);
          let oldest = is('released out of order') ? number : s.head;
          while (s.ledger[oldest] === 's') oldest++;
          if (oldest <= s.head) return;
          s.sent += oldest - s.head;
          if (is('released in a step after it was counted')) s.releaseTo = oldest;
          else release(s, oldest);
        },
      },
    ]),
    {
      name: 'consumer: release',
      isEnabled: ({ releaseTo, consumer }) => releaseTo > 0 && consumer !== 'dead',
      take(s) {
        release(s, s.releaseTo);
        s.releaseTo = 0;
      },
    },
    {
      name: 'consumer: cutAged',
      isEnabled: (s) => cutBy === 'age' && isInEventLoop(s) && s.ledger.includes('o'),
      take: cutAll,
    },
  ];
}

function release(s: State, head: number): void {
  for (let number = s.head; number < head; number++) {
    if (s.ledger[number] !== 's') throw new Violation('a record was released before it settled');
    if (s.delivered[number] !== 'd')
      throw new Violation('a record was released that the server does not have');
  }
  s.head = head;
  afterRelease(s);
}

function afterRelease(s: State): void {
  if (s.flush === 'waiting' && s.head >= s.flushTail) s.flush = 'answered';
  cutBlocker(s);
}

export function flushSteps({ cutBy }: Scope, is: Is): Step<State>[] {
  return [
    {
      name: 'producer: flush',
      optional: true,
      isEnabled: (s) => cutBy === 'flush' && s.producer === 'idle' && s.flush === 'none',
      take(s) {
        s.flush = 'asked';
        s.flushTail = s.tail;
      },
    },
    {
      name: 'consumer: flush, wake',
      isEnabled: (s) => s.flush === 'asked' && isInEventLoop(s),
      take(s) {
        s.flush = 'waiting';
        s.flushCut = false;
        afterRelease(s);
        if (is('a flush does not wake the consumer')) return;
        const wasAsleep = s.sleep !== 'awake';
        s.sleep = 'awake';
        if (wasAsleep) notify(s);
      },
    },
  ];
}

export function lifeSteps(is: Is): Step<State>[] {
  return [
    {
      name: 'consumer: dies',
      optional: true,
      isEnabled: (s) => s.deaths > 0 && s.consumer !== 'dead',
      take(s) {
        const wasAsleep = s.consumer === 'doze: asleep' || s.consumer === 'park: asleep';
        if (wasAsleep && is('a successor starts while the dead one is still in the list of waiters')) {
          s.waitersLeft++;
        }
        s.deaths--;
        s.consumer = 'dead';
        s.ledger = '';
        s.releaseTo = 0;
        if (s.flush === 'waiting' && !is('a flush is not asked again of a successor')) s.flush = 'asked';
      },
    },
    {
      name: 'successor: createRingReader',
      isEnabled: ({ consumer }) => consumer === 'dead',
      take(s) {
        s.position = is('a successor starts where the dead one had read to') ? s.read : s.head;
        s.ledger = '-'.repeat(s.position);
        s.looksInVain = 0;
        s.consumer = 'seenTail';
      },
    },
  ];
}
