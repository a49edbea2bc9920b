/** What a command has of the world outside: two outputs, the environment, and word of Ctrl-C. */

/** The part of a `process.stdout` that is used. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT, SIGTERM or a closed output; its reason is the signal's name. */
  readonly interrupt: AbortSignal;
}

/** The world of this process. A second Ctrl-C ends it as if nobody listened. */
export function processIo(): Io {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => controller.abort(signal));
  }
  const { stdout, stderr, env } = process;
  // Who read our output has gone (`tailrace demo | head`): then so do we.
  stdout.on('error', () => controller.abort('SIGPIPE'));
  return { stdout, stderr, env, interrupt: controller.signal };
}

/** Resolves when the user wants to stop. Holds no event loop: something else must be running meanwhile. */
export function interrupted({ interrupt }: Io): Promise<void> {
  if (interrupt.aborted) return Promise.resolve();
  return new Promise((resolve) => interrupt.addEventListener('abort', () => resolve(), { once: true }));
}

export function printLine(output: Output, line = ''): void {
  output.write(`${line}\n`);
}
