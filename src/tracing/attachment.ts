/** Attaches a client to the workers of another thread's client: the data that the two threads share. */

import type { ClientConfig } from '../config/client-config.js';
import { resolveLogger } from '../config/log-options.js';
import type { Logger } from '../config/option-types.js';
import { resolveMask } from '../config/payload-options.js';
import { takeOptions } from '../config/settings.js';
import { defaultNumber } from '../config/table/table.js';
import { isEngineHandle } from '../producer/engine.js';
import { FULLY_MASKED, type MaskFunction } from '../records/masking.js';
import type { EngineHandle } from '../shared/contract/attachment.js';
import { show, UNREADABLE } from '../shared/untrusted-text/show.js';
import type { TailraceHandle } from './api.js';

/** Options of the client that apply in all threads. */
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

/** The content of a `TailraceHandle`. */
interface HandleContent {
  readonly kind: 'tailrace:handle';
  /** Null: the client is a no-op, and so are clients that attach to it. */
  readonly engine: EngineHandle | null;
  readonly config: Pick<ClientConfig, (typeof SHARED)[number]>;
  /** Whether the client masks by a function on its thread. A function cannot be passed to another thread. */
  readonly isMasked: boolean;
}

/** Options of `Tailrace.attach`: functions and objects that cannot be passed from one thread to the other. */
export interface AttachOptions {
  /** Like the client's option `mask`. If the client has one and this is missing, everything is masked. */
  mask?: MaskFunction | undefined;
  /** Gets this thread's messages without a listener. @default console */
  logger?: Logger | undefined;
}

const ATTACH_OPTIONS = ['mask', 'logger'] as const satisfies (keyof AttachOptions)[];

/** Passed to the constructor of an attached client, in place of its options. */
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
    // Unreadable options may hold a mask.
    const { mask, logger }: Record<string, unknown> = taken.enabled === false ? { mask: UNREADABLE } : taken;
    this.engine = given?.engine ?? null;
    this.config = {
      ...(given?.config ?? nothingShared()),
      mask: resolveOwnMask(mask, given?.isMasked === true, problems),
      logger: resolveLogger(logger, problems),
      engine: undefined,
      problems,
      faults: [],
    };
  }
}

export function createHandle(config: ClientConfig, engine: EngineHandle | undefined): TailraceHandle {
  const shared = Object.fromEntries(SHARED.map((name) => [name, config[name]]));
  const content: HandleContent = {
    kind: 'tailrace:handle',
    engine: engine ?? null,
    config: shared as HandleContent['config'],
    isMasked: config.mask !== null,
  };
  return content as unknown as TailraceHandle;
}

/** For an attached client that traces nothing, as its handle cannot be used. */
function nothingShared(): HandleContent['config'] {
  return {
    baseUrl: '',
    protocol: null,
    flushIntervalMs: defaultNumber('engine', 'flushIntervalMs'),
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
}

/** A structured clone has all fields of the original; a copy by JSON, as between processes, has no shared memory. */
function isHandle(handle: unknown): handle is HandleContent {
  try {
    const { kind, engine } = handle as HandleContent;
    return kind === 'tailrace:handle' && (engine === null || isEngineHandle(engine));
  } catch {
    return false;
  }
}

/** Fails closed: if the client masks and this thread has no mask, everything is masked. */
function resolveOwnMask(mask: unknown, isMasked: boolean, problems: string[]): MaskFunction | null {
  if (!isMasked || typeof mask === 'function') return resolveMask(mask, problems);
  problems.push('attach() was given no mask, but the client has a mask function; masking everything');
  return () => FULLY_MASKED;
}
