/** Options on what may leave the process: the module that masks, the size of an event. Invalid masking options fail closed. */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FULLY_MASKED } from '../records/masking.js';
import { show, typeOf } from '../shared/untrusted-text/show.js';
import { warnInvalid } from './settings.js';
import { defaultNumber } from './table/table.js';

/** Text on its way to the worker takes two bytes a character, and one event shall not fill all the room. */
const SIDE_LANE_PER_EVENT = 4;
const MASKING = 'masking everything';

/** Where the application does not set it: room for several events of the size that it allows. */
export function sideLaneBytesFor(maxEventBytes: number): number {
  return Math.max(defaultNumber('engine', 'sideLaneBytes'), Math.ceil(SIDE_LANE_PER_EVENT * maxEventBytes));
}

/** A URL; one that cannot be loaded for a value that cannot be used, so that the worker masks everything. */
export function resolveMaskModule(value: unknown, problems: string[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof URL) return value.href;
  if (typeof value === 'string') {
    if (isAbsolute(value)) return pathToFileURL(value).href;
    if (URL.canParse(value)) return value;
  }
  const must = 'the URL of a module or an absolute path';
  warnInvalid(problems, 'option maskModule', must, `got: ${show(value)}`, MASKING);
  return 'data:text/javascript,throw new TypeError("option maskModule is not the URL of a module")';
}

/** Null: not given. An invalid mask fails closed: everything is masked. */
export function resolveMask<F extends (...args: never[]) => unknown>(
  value: unknown,
  problems: string[],
): F | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'function') return value as F;
  warnInvalid(problems, 'option mask', 'a function', `is ${typeOf(value)}`, MASKING);
  return (() => FULLY_MASKED) as unknown as F;
}
