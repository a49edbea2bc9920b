/** The option `redact`: as an application passes it, and as the worker gets it. */

/**
 * - `email`: addresses
 * - `card`: payment card numbers, with spaces or dashes or without; the check digit and the issuer's prefix must be right
 * - `api-key`: keys that begin like those of OpenAI, Anthropic, Langfuse, AWS, GitHub, Google, Slack, Stripe, … do
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
 * The object form of the option `redact`. If something in it cannot be used, everything is masked, and a warning names the
 * problem.
 */
export interface RedactOptions {
  /**
   * Every match in every text is replaced, also in text that is JSON and in the keys of objects. A RegExp need not be global; an
   * empty match is ignored. @default all ready patterns, if there are no `paths` either
   */
  readonly patterns?: RedactPatterns | undefined;
  /**
   * Paths of values that are replaced as a whole: `input.user.name`, `metadata.headers`, `output.choices.*.text`,
   * `input.messages[0]`, `**.password` (at any depth). A path begins with `input`, `output`, `metadata`, `statusMessage`,
   * `modelParameters`, `comment` or `value` (of a score), `*` or `**`. Case is ignored; a dot in a key is written `\.`. Paths do
   * not reach into text that is JSON.
   */
  readonly paths?: readonly string[] | undefined;
  /** Taken literally. @default `[REDACTED]`, or `[REDACTED:email]` and so on for a ready pattern */
  readonly replacement?: string | undefined;
}

/** The checked options, as they cross to the worker. */
export interface RedactPlan {
  readonly patterns: readonly (ReadyPattern | RedactPattern)[];
  readonly paths: readonly string[];
  readonly replacement?: string | undefined;
  /** The option could not be used. */
  readonly masksAll?: boolean | undefined;
}

/** How the worker masks and redacts the payloads of a record or span. */
export interface PayloadOptions {
  /** URL of a module whose function is called for each value. If it cannot be loaded, everything is masked. */
  readonly maskModule?: string | undefined;
  readonly redact?: RedactPlan | undefined;
}

/** The name of the exporter that puts masking and redaction before another one. */
export const MASKED = 'masked';

/** Options of the exporter `masked`. */
export interface MaskedExporterOptions extends PayloadOptions {
  /** Of the application's exporter module, which gets masked and redacted records. */
  readonly url: string;
  readonly options?: unknown;
}

/** Replaces a value at a path. */
export const REDACTED = '[REDACTED]';

/** The first part of a path, besides `*` and `**`. */
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
