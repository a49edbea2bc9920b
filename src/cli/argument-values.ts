/** Reads the words of a command line, and values of options; each error names the option, what it must be and what it got. */
import { parseArgs } from 'node:util';

/** The command line, or a file that it names, is invalid. */
export class UsageError extends Error {}

export const MAX_PORT = 65_535;
export const HINT = 'see: tailrace help';

export const GLOBAL_OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

export function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    throw new UsageError(
      `--url must be an address such as http://127.0.0.1:3210, but got: ${JSON.stringify(text)}`,
    );
  }
  // Not quoted: a part of it is secret.
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('--url must hold no user or password: give keys with --public-key and --secret-key');
  }
  return url.href.replace(/\/+$/, '');
}

type Parsed<T extends typeof GLOBAL_OPTIONS> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; allowPositionals: true }>
>;

/** @throws UsageError for unknown options, and for more than `maxPositionals` other words. */
export function read<T extends typeof GLOBAL_OPTIONS>(
  args: readonly string[],
  options: T,
  maxPositionals: number,
  hint = HINT,
): Parsed<T> {
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true });
    const extra = parsed.positionals[maxPositionals];
    if (extra === undefined) return parsed;
    throw new UsageError(`one argument too many: ${JSON.stringify(extra)}; ${hint}`);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // Without Node's advice on arguments that begin with a dash.
    const [problem] = (error as Error).message.split(/\.\s|\n/);
    throw new UsageError(`${problem}; ${hint}`);
  }
}

export function wholeNumber(
  name: string,
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(
    `${name} must be a whole number from ${min} to ${max}, but got: ${JSON.stringify(text)}`,
  );
}

const UNITS_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** In milliseconds. */
export function duration(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = ''] = /^([1-9]\d{0,5})([mhdw])$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  if (count !== undefined && unitMs !== undefined) return Number(count) * unitMs;
  throw new UsageError(
    `${name} must be a duration such as 30m, 12h, 7d or 2w, but got: ${JSON.stringify(text)}`,
  );
}

export function nonEmpty(name: string, what: string, text: string | undefined): string | undefined {
  if (text === '') throw new UsageError(`${name} must be ${what}, but got: ""`);
  return text;
}
