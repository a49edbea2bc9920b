/** The steps of the consumer's loop: consumer/intake/drainer and ring-reader, and its half of shared/ring/wake. */
import { type Step, Violation } from './explorer.js';
import {
  count,
  cutAll,
  cutBlocker,
  enterFate,
  FLUSH_AT,
  type Is,
  LOOKS_BEFORE_PARKING,
  PLACES,
  type Scope,
  type State,
} from './ring-state.js';

export function takingSteps({ saturatedAt }: Scope, is: Is): Step<State>[] {
  const isSaturated = ({ ledger }: State): boolean => count(ledger, 'fa') >= saturatedAt;
  return [
    consumerStep('seenTail', 'drain, seenTail', (s) => {
      s.seenTail = s.tail;
      s.looksInVain = Math.min(s.looksInVain + 1, LOOKS_BEFORE_PARKING);
      s.consumer = 'takeRecord';
    }),
    consumerStep('takeRecord', 'takeRecord, enter', (s) => {
      if (isSaturated(s) || s.position === s.tail) {
        s.consumer = 'store READ';
        return;
      }
      s.ledger += 't';
      s.looksInVain = 0;
      s.consumer = 'encode';
      if (is('released when taken')) s.sent = s.head = s.position + 1;
    }),
    consumerStep('encode', 'encode, addRecord', (s) => {
      const stands = s.position % PLACES === 0 ? s.evenPlace : s.oddPlace;
      if (stands !== s.position) throw new Violation('a record was read that is not there, or no longer');
      enterFate(s, s.position, 'o');
      s.position++;
      if (count(s.ledger, 'o') === FLUSH_AT) cutAll(s);
      s.consumer = 'takeRecord';
    }),
    consumerStep('store READ', 'takeTurn, store READ', (s) => {
      s.read = s.position;
      s.consumer = 'cut';
    }),
    consumerStep('cut', 'cutForFlushes, cutBlocker', (s) => {
      if (s.flush === 'waiting' && !s.flushCut && s.position >= s.flushTail) {
        s.flushCut = true;
        cutAll(s);
      }
      cutBlocker(s);
      if (isSaturated(s)) s.consumer = 'slotFree';
      else if (s.looksInVain < LOOKS_BEFORE_PARKING) s.consumer = 'doze: store DOZING';
      else if (is('PARKED is stored after the look at the tail')) s.consumer = 'park: load TAIL';
      else s.consumer = 'park: store PARKED';
    }),
    {
      name: 'consumer: slotFree, proceed',
      isEnabled: (s) => s.consumer === 'slotFree' && !isSaturated(s),
      take: (s) => {
        s.consumer = 'seenTail';
      },
    },
  ];
}

export function sleepingSteps(is: Is): Step<State>[] {
  const looksFirst = is('PARKED is stored after the look at the tail');
  return [
    consumerStep('doze: store DOZING', 'doze, store DOZING', (s) => {
      s.sleep = 'dozing';
      s.consumer = 'doze: waitAsync';
    }),
    consumerStep('doze: waitAsync', 'doze, waitAsync', (s) => {
      s.consumer = s.sleep === 'dozing' ? 'doze: asleep' : 'store AWAKE';
    }),
    {
      name: 'consumer: doze, timed out',
      isEnabled: (s) => s.consumer === 'doze: asleep' && !is('a doze does not time out'),
      take: (s) => {
        s.consumer = 'store AWAKE';
      },
    },
    consumerStep('park: store PARKED', 'park, store PARKED', (s) => {
      s.sleep = 'parked';
      const looks = !looksFirst && !is('parked without a second look at the tail');
      s.consumer = looks ? 'park: load TAIL' : 'park: waitAsync';
    }),
    consumerStep('park: load TAIL', 'park, load TAIL', (s) => {
      if (s.tail !== s.seenTail) s.consumer = 'store AWAKE';
      else s.consumer = looksFirst ? 'park: store PARKED' : 'park: waitAsync';
    }),
    consumerStep('park: waitAsync', 'park, waitAsync', (s) => {
      const asExpected = is('the consumer waits on the tail word')
        ? s.tail === s.seenTail
        : s.sleep === 'parked';
      s.consumer = asExpected ? 'park: asleep' : 'store AWAKE';
    }),
    consumerStep('store AWAKE', 'waitWhile, store AWAKE', (s) => {
      s.sleep = 'awake';
      s.consumer = 'seenTail';
    }),
  ];
}

function consumerStep(at: State['consumer'], what: string, take: (s: State) => void): Step<State> {
  return { name: `consumer: ${what}`, isEnabled: (s) => s.consumer === at, take };
}
