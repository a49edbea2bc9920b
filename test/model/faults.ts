/** What the design warns of, and what else would be easy to get wrong: each is a fault that the explorer has to find. */

export const FAULTS = [
  'the consumer waits on the tail word',
  'PARKED is stored after the look at the tail',
  'parked without a second look at the tail',
  'the wake notifies without an exchange',
  'SLEEP is loaded before the tail is stored',
  'a doze does not time out',
  'released when taken',
  'released out of order',
  'released in a step after it was counted',
  'a successor starts where the dead one had read to',
  'a successor starts while the dead one is still in the list of waiters',
  'published before it is written',
  'claimed without a look at the head',
  'a flush does not wake the consumer',
  'a flush is not asked again of a successor',
] as const;
export type Fault = (typeof FAULTS)[number];
