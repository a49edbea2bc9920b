/** The environment of a command: its input and two outputs, environment variables, and the interrupt signal. */

/** The part of `process.stdout` that is used. */
export interface Output {
  /** `done`: the reader has taken it. */
  write(text: string | Uint8Array, done?: (error?: Error | null) => void): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Io {
  /** Absent: nothing to read. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT, SIGTERM or a closed output; the reason is the signal's name. */
  readonly interrupt: AbortSignal;
}

/** The Io of this process. A second Ctrl-C ends the process at once. */
export function processIo(): Io {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => controller.abort(signal));
  }
  const { stdin, stdout, stderr, env } = process;
  // The reader of our output has ended (`tailrace demo | head`): end as well.
  stdout.on('error', () => controller.abort('SIGPIPE'));
  return { stdin, stdout, stderr, env, interrupt: controller.signal };
}

/** Resolves when the user wants to stop. Does not keep the process alive: something else must. */
export function interrupted({ interrupt }: Io): Promise<void> {
  if (interrupt.aborted) return Promise.resolve();
  return new Promise((resolve) => interrupt.addEventListener('abort', () => resolve(), { once: true }));
}

export function printLine(output: Output, line = ''): void {
  output.write(`${line}\n`);
}
