/** The options on where messages go that nobody listens for, and how many of them. */
import { resolveChoice, show } from './options.js';

/** What is written, from all to nothing; `error` is also what loss is. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'none'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** A level at which there is a message: the name of the logger's method as well. */
export type MessageLevel = Exclude<LogLevel, 'none'>;

/** The same words, the default first. */
export const LOG_LEVEL_CHOICES = ['warn', 'debug', 'info', 'error', 'none'] as const satisfies LogLevel[];

/**
 * The console, pino, winston, or what has some of their methods: what would go to one that is missing goes to the next
 * louder one, else to the loudest that is there. What they throw, and promises that they reject, go no further.
 */
export interface Logger {
  debug?(message: string): unknown;
  info?(message: string): unknown;
  warn?(message: string): unknown;
  error?(message: string): unknown;
}

export interface LogOptions {
  /** Gets the messages that nobody listens for (see `on`), as a text. @default console */
  logger?: Logger | undefined;
  /** From which level on they are written. @default 'warn' */
  logLevel?: LogLevel | undefined;
}

const METHODS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly MessageLevel[];

/** The method for a level. Undefined: it has none at all. */
export function methodFor(logger: Logger, level: MessageLevel): MessageLevel | undefined {
  const there = METHODS.filter((method) => typeof logger[method] === 'function');
  return there.find((method) => METHODS.indexOf(method) >= METHODS.indexOf(level)) ?? there.at(-1);
}

/** Undefined: the console. */
export function resolveLogger(value: unknown, problems: string[]): Logger | undefined {
  if (value === undefined || value === null) return undefined;
  if (isLogger(value)) return value;
  problems.push(
    `option logger must be an object with the methods ${METHODS.join(', ')}, but got: ${show(value)}; using the console`,
  );
  return undefined;
}

function isLogger(value: unknown): value is Logger {
  try {
    return Object(value) === value && methodFor(value as Logger, 'debug') !== undefined;
  } catch {
    return false;
  }
}

/** An engine's, which reads no environment. */
export function resolveLogLevel(value: unknown, problems: string[]): LogLevel {
  return resolveChoice('logLevel', value, LOG_LEVEL_CHOICES, problems);
}
