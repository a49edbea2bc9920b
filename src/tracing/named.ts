/** The functional style's arguments as the body of an observation. */
import type { ObservationType } from '../records/vocabulary.js';
import type { GenerationBody, Time } from './bodies.js';
import { read, readable, type TracingCore, warnUnreadable } from './core.js';

/** Options of a child: its parent is known. */
export interface ChildOptions<T extends ObservationType = ObservationType> {
  /** @default 'span' */
  asType?: T;
  /** @default now */
  startTime?: Time;
}

/** The attributes with the name and the options that are fields, in one body. */
export function named(
  core: TracingCore,
  name: string,
  attributes: GenerationBody | null | undefined,
  options: ChildOptions | null | undefined,
): GenerationBody {
  const startTime = read(core, options, 'startTime');
  return merge(core, attributes, startTime === undefined ? { name } : { name, startTime });
}

function merge(
  core: TracingCore,
  body: GenerationBody | null | undefined,
  own: GenerationBody,
): GenerationBody {
  try {
    return { ...body, ...own };
  } catch (error) {
    warnUnreadable(core, error);
    return { ...readable(body as GenerationBody), ...own };
  }
}
