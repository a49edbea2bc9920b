/** Declarative redaction: what an application passes, and what the worker is given. */

/**
 * - `email`: addresses
 * - `card`: payment card numbers, with spaces or dashes or without; the check digit and the issuer's prefix must be right
 * - `api-key`: keys that begin as those of OpenAI, Anthropic, Langfuse, AWS, GitHub, Google, Slack, Stripe, … do
 * - `bearer`: what follows `Bearer` or `Basic` in an Authorization header, and JSON Web Tokens
 */
export const READY_PATTERNS = ['email', 'card', 'api-key', 'bearer'] as const;

export type ReadyPattern = (typeof READY_PATTERNS)[number];

export type RedactPatterns = RegExp | ReadyPattern | readonly (ReadyPattern | RegExp | RedactPattern)[];

export interface RedactPattern {
  readonly pattern: RegExp | ReadyPattern;
  /** As String.replace reads it: `$1` is the first group. @default `replacement` of the options */
  readonly replacement?: string | undefined;
}

/**
 * Option `redact`, where it is more than `true` or patterns alone. If something in it cannot be used, everything is masked,
 * and a warning names it.
 */
export interface RedactOptions {
  /**
   * Looked for in every text, texts that are JSON and the keys of objects included. Every match is replaced.
   * A RegExp need not be global; what is empty is no match. @default all ready patterns, where there are no `paths` either
   */
  readonly patterns?: RedactPatterns | undefined;
  /**
   * Places whose whole value is replaced: `input.user.name`, `metadata.headers`, `output.choices.*.text`,
   * `input.messages[0]`, `**.password` (at any depth). They begin with `input`, `output`, `metadata`, `statusMessage`,
   * `modelParameters`, `comment` or `value` (of a score), `*` or `**`; upper and lower case are the same; a dot in a key is
   * written `\.`. They do not reach into text that is JSON.
   */
  readonly paths?: readonly string[] | undefined;
  /** Taken literally. @default `[REDACTED]`, or `[REDACTED:email]` and so on for a ready pattern */
  readonly replacement?: string | undefined;
}

/** The same, checked: what crosses to the worker. */
export interface RedactPlan {
  readonly patterns: readonly (ReadyPattern | RedactPattern)[];
  readonly paths: readonly string[];
  readonly replacement?: string | undefined;
  /** The option could not be used. */
  readonly masksAll?: boolean | undefined;
}

/** What is done in the worker to what an application has put into a record, or into a span. */
export interface PayloadOptions {
  /** URL of a module whose function is called for each value. What cannot be loaded masks everything. */
  readonly maskModule?: string | undefined;
  readonly redact?: RedactPlan | undefined;
}

/** The exporter that is another one behind masking and redaction. */
export const MASKED = 'masked';

/** Options of the exporter `masked`: another one, which gets records masked and redacted. */
export interface MaskedExporterOptions extends PayloadOptions {
  /** The module of the application's. */
  readonly url: string;
  readonly options?: unknown;
}

/** Stands for a value that a path names. */
export const REDACTED = '[REDACTED]';

/** What a path may begin with, besides `*` and `**`. */
export const REDACTED_FIELDS = [
  'input',
  'output',
  'metadata',
  'statusMessage',
  'modelParameters',
  'comment',
  'value',
] as const;

export type RedactedField = (typeof REDACTED_FIELDS)[number];
