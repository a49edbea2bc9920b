/** Options on where messages without a listener are written, and from which level on. */
import { show } from '../shared/untrusted-text/show.js';
import type { Logger, LogLevel } from './option-types.js';
import type { EngineInput } from './options/engine.js';
import { readChoice } from './readers.js';
import { warnInvalid } from './settings.js';

/** From the most verbose on. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'none'] as const satisfies readonly LogLevel[];

/** A level at which messages exist; the logger's method has the same name. */
export type MessageLevel = Exclude<LogLevel, 'none'>;

export type LogOptions = Pick<EngineInput, 'logger' | 'logLevel'>;

const METHODS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly MessageLevel[];

/** The method for a level. Undefined: the logger has none at all. */
export function methodFor(logger: Logger, level: MessageLevel): MessageLevel | undefined {
  const existing = METHODS.filter((method) => typeof logger[method] === 'function');
  return existing.find((method) => METHODS.indexOf(method) >= METHODS.indexOf(level)) ?? existing.at(-1);
}

/** Undefined: the console. */
export function resolveLogger(value: unknown, problems: string[]): Logger | undefined {
  if (value === undefined || value === null) return undefined;
  if (isLogger(value)) return value;
  const must = `an object with the methods ${METHODS.join(', ')}`;
  warnInvalid(problems, 'option logger', must, `got: ${show(value)}`, 'using the console');
  return undefined;
}

function isLogger(value: unknown): value is Logger {
  try {
    return Object(value) === value && methodFor(value as Logger, 'debug') !== undefined;
  } catch {
    return false;
  }
}

/** For an engine, which reads no environment. */
export function resolveLogLevel(value: unknown, problems: string[]): LogLevel {
  return readChoice(
    { entry: 'engine', given: { logLevel: value }, env: {}, problems, faults: [] },
    'logLevel',
  );
}
