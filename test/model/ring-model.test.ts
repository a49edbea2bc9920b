/** Every order in which the steps of both threads can come, deaths of the consumer among them, over a ring of two places. */
import { describe, expect, it } from 'vitest';
import { explore } from './explorer.js';
import { FAULTS } from './faults.js';
import { ringModel } from './ring-model.js';
import type { Scope } from './ring-state.js';

const SCOPES: Scope[] = [
  { pushes: 4, deaths: 1, saturatedAt: 1, cutBy: 'age' },
  { pushes: 3, deaths: 2, saturatedAt: 2, cutBy: 'age' },
  { pushes: 3, deaths: 1, saturatedAt: 1, cutBy: 'flush' },
  { pushes: 2, deaths: 1, saturatedAt: 2, cutBy: 'flush' },
];

const AGED: Scope = { pushes: 3, deaths: 1, saturatedAt: 1, cutBy: 'age' };
const FLUSHED: Scope = { pushes: 1, deaths: 1, saturatedAt: 1, cutBy: 'flush' };

const STUCK = 'stuck for ever';
const FOUND_AS: Record<(typeof FAULTS)[number], string> = {
  'the consumer waits on the tail word': STUCK,
  'PARKED is stored after the look at the tail': STUCK,
  'parked without a second look at the tail': STUCK,
  'the wake notifies without an exchange': STUCK,
  'SLEEP is loaded before the tail is stored': STUCK,
  'a doze does not time out': STUCK,
  'released when taken': 'a record was read that is not there, or no longer',
  'released out of order': 'a record was released before it settled',
  'released in a step after it was counted': 'a record was counted twice, or not at all',
  'a successor starts where the dead one had read to': STUCK,
  'a successor starts while the dead one is still in the list of waiters': STUCK,
  'published before it is written': 'a record was read that is not there, or no longer',
  'claimed without a look at the head': 'more is in use than there is room',
  'a flush does not wake the consumer': STUCK,
  'a flush is not asked again of a successor': STUCK,
};

describe('the protocol of the ring', () => {
  it.each(SCOPES)(
    'loses no wake-up and no record, reads and releases each in its time: $pushes pushes, $deaths deaths, saturated at $saturatedAt, cut by $cutBy',
    (scope) => {
      const { states, ...result } = explore(ringModel(scope));
      expect(result).toEqual({ fault: undefined, path: [] });
      // Fewer would mean that steps are never enabled.
      expect(states).toBeGreaterThan(50_000);
    },
  );
});

describe('the explorer finds', () => {
  it.each(FAULTS)('%s', (fault) => {
    const scope = fault.startsWith('a flush') ? FLUSHED : AGED;
    expect(explore(ringModel(scope, fault)).fault).toBe(FOUND_AS[fault]);
  });

  it('the way there', () => {
    const { path } = explore(ringModel(AGED, 'published before it is written'));
    expect(path).toEqual([
      'producer: claim',
      'producer: publish, store TAIL',
      'consumer: drain, seenTail',
      'consumer: takeRecord, enter',
      'consumer: encode, addRecord',
    ]);
  });
});
