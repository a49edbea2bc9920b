/**
 * Recognises wrapped media by the identity of the object, which neither JSON nor a structured clone carries. Otherwise, an attacker
 * who could make an application trace a forged object could have any file of the machine uploaded.
 */
import { processWide } from '../runtime/process-wide.js';

/** The content of a wrapper, as it crosses to the worker. */
export interface MediaContent {
  readonly base64DataUri?: string;
  readonly contentBytes?: Uint8Array;
  readonly filePath?: string;
  readonly contentType?: string;
  /** Why the parameters cannot be used. */
  readonly problem?: string;
}

export const MEDIA_MEMBERS = [
  'base64DataUri',
  'contentBytes',
  'filePath',
  'contentType',
  'problem',
] as const satisfies (keyof MediaContent)[];

/** The member of a map on the ring whose value is the brand (event/event-format). */
export const MEDIA_KEY = 'tailraceMedia';

type Wrappers = WeakMap<object, MediaContent>;

/** Cached, as it is needed for each instance of a class in an event. */
let known: Wrappers | undefined;

/** `media/2`: the wrappers of all copies of this package, so that each recognises those of the others. */
function wrappers(): Wrappers {
  known ??= processWide<Wrappers>('media/2', () => new WeakMap());
  return known;
}

export function wrapMedia(wrapper: object, content: MediaContent): void {
  wrappers().set(wrapper, content);
}

/** Undefined: the object is not a wrapper. */
export function mediaOf(object: object): MediaContent | undefined {
  return wrappers().get(object);
}
