/** A client of one thread over the workers of another thread's client: what the two have to agree on, as plain data. */

import { FULLY_MASKED, type MaskFunction } from '../records/masking.js';
import type { EngineHandle } from '../shared/contract/attachment.js';
import { type Logger, resolveLogger } from '../shared/log-options.js';
import { show, typeOf, UNREADABLE } from '../shared/options.js';
import type { ClientConfig } from './config.js';
import { takeOptions } from './settings.js';

/** Options of the client that are the same in all threads. */
const SHARED = [
  'baseUrl',
  'protocol',
  'flushIntervalMs',
  'sampleRate',
  'environment',
  'release',
  'version',
  'tags',
  'maxEventBytes',
  'logLevel',
  'maxOpen',
  'maxOpenAgeMs',
] as const satisfies readonly (keyof ClientConfig)[];

/** Made by `client.handle()`: plain data, for `workerData` or any message, for any number of threads. Holds no key. */
export interface TailraceHandle {
  readonly kind: 'tailrace:handle';
  /** Null: the client is a no-op, and so are those that attach to it. */
  readonly engine: EngineHandle | null;
  readonly config: Pick<ClientConfig, (typeof SHARED)[number]>;
  /** Whether it masks on its own thread, by a function: that cannot come along. */
  readonly isMasked: boolean;
}

/** Options of `Tailrace.attach`: what cannot cross from one thread to the other. */
export interface AttachOptions {
  /** As that of the client. Where that has one and this is missing, everything is masked. */
  mask?: MaskFunction;
  /** Gets this thread's messages that nobody listens for. @default console */
  logger?: Logger;
}

const ATTACH_OPTIONS: Readonly<Record<keyof AttachOptions, true>> = { mask: true, logger: true };

/** What a client is made of that attaches. */
export class Attachment {
  readonly engine: EngineHandle | null;
  readonly config: ClientConfig;

  constructor(handle: unknown, options: unknown) {
    const problems: string[] = [];
    const given = isHandle(handle) ? handle : undefined;
    if (given === undefined) {
      problems.push(
        `attach() must be given what handle() returned, but got: ${show(handle)}; nothing is traced`,
      );
    }
    const taken = takeOptions(options ?? {}, ATTACH_OPTIONS, problems);
    // Of options that cannot be read it is not known what they mask.
    const { mask, logger }: Record<string, unknown> = taken.enabled === false ? { mask: UNREADABLE } : taken;
    this.engine = given?.engine ?? null;
    this.config = {
      ...(given?.config ?? NOTHING_SHARED),
      mask: resolveMask(mask, given?.isMasked === true, problems),
      logger: resolveLogger(logger, problems),
      engine: undefined,
      problems,
      faults: [],
    };
  }
}

export function createHandle(config: ClientConfig, engine: EngineHandle | undefined): TailraceHandle {
  const shared = Object.fromEntries(SHARED.map((name) => [name, config[name]]));
  return {
    kind: 'tailrace:handle',
    engine: engine ?? null,
    config: shared as TailraceHandle['config'],
    isMasked: config.mask !== null,
  };
}

const NOTHING_SHARED: TailraceHandle['config'] = {
  baseUrl: '',
  protocol: null,
  flushIntervalMs: 5_000,
  sampleRate: 1,
  environment: null,
  release: null,
  version: null,
  tags: null,
  maxEventBytes: 0,
  logLevel: 'warn',
  maxOpen: 1,
  maxOpenAgeMs: 1_000,
};

/** What was cloned by Node.js is as it was made: one look is enough. */
function isHandle(handle: unknown): handle is TailraceHandle {
  try {
    return (handle as TailraceHandle | null | undefined)?.kind === 'tailrace:handle';
  } catch {
    return false;
  }
}

/** What the client masks must not leave this thread as it is. */
function resolveMask(mask: unknown, isMasked: boolean, problems: string[]): MaskFunction | null {
  if (typeof mask === 'function') return mask as MaskFunction;
  if (!isMasked && (mask === undefined || mask === null)) return null;
  problems.push(
    isMasked
      ? 'attach() was given no mask, but the client has a mask function; masking everything'
      : `option mask must be a function, but is ${typeOf(mask)}; masking everything`,
  );
  return () => FULLY_MASKED;
}
