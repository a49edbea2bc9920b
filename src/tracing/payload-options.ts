/** The options on what may leave the process: the module that masks, the size of an event. A mistake in them hides more, not less. */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { show } from '../shared/options.js';

const KiB = 1024;
const MiB = 1024 * KiB;
/**
 * Bounds of `maxEventBytes`: all that a span has besides its values fits into the smallest; a message of protobuf as the
 * exporter writes it has at most 256 MiB.
 */
export const MAX_EVENT_BYTES = [4 * KiB, 128 * MiB] as const;
const SIDE_LANE_BYTES = 64 * MiB;
/** Text on its way to the worker takes two bytes a character, and one event shall not be all that there is room for. */
const SIDE_LANE_PER_EVENT = 4;

/** Where the application has not said it: events of the size that it allows get through. */
export function sideLaneBytesFor(maxEventBytes: number): number {
  return Math.max(SIDE_LANE_BYTES, Math.ceil(SIDE_LANE_PER_EVENT * maxEventBytes));
}

/** A URL. One that cannot be loaded, where the value is no good: the worker then masks everything. */
export function resolveMaskModule(value: unknown, problems: string[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof URL) return value.href;
  if (typeof value === 'string') {
    if (isAbsolute(value)) return pathToFileURL(value).href;
    if (URL.canParse(value)) return value;
  }
  problems.push(
    `option maskModule must be the URL of a module or an absolute path, but got: ${show(value)}; masking everything`,
  );
  return 'data:text/javascript,throw new TypeError("option maskModule is not the URL of a module")';
}
