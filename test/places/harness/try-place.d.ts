import type { Place } from '../index.js';
import type { Packed } from './installed.js';

export interface Tried {
  readonly name: string;
  readonly result: 'works' | 'fails' | 'not to be had here';
  /** Empty when it works. */
  readonly why: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly seconds: number;
}

export function tryPlace(place: Place, packed: Packed): Promise<Tried>;
