/** Runs a program of somebody else's to its end, which comes in bounded time. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** What may not be taken over from the process that runs the places: it changes what is tried. */
const OURS =
  /^(LANGFUSE_|OTEL_|NODE_OPTIONS$|NODE_ENV$|NODE_V8_COVERAGE$|VITEST|TINYPOOL|npm_|INIT_CWD$|FORCE_COLOR$)/;

/**
 * @param {object} [options] And those of `spawn`.
 * @param {number} [options.timeoutMs] Then it is killed, with all that it has started.
 * @param {(child: import('node:child_process').ChildProcess) => void} [options.onStart]
 * @param {(child: import('node:child_process').ChildProcess, text: string) => void} [options.onLine]
 *   Hears each piece of its standard output.
 */
export async function execute(
  command,
  args,
  { cwd, env = {}, timeoutMs = 60_000, onStart, onLine, ...more } = {},
) {
  const startedAt = performance.now();
  const child = spawn(command, args, {
    cwd,
    env: { ...foreign(process.env), NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that what it has started ends with it.
    detached: true,
    ...more,
  });
  onStart?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => {
    stdout += text;
    onLine?.(child, String(text));
  });
  child.stderr.on('data', (text) => (stderr += text));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child);
  }, timeoutMs);
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  return { code, signal, stdout, stderr, timedOut, ms: Math.round(performance.now() - startedAt) };
}

export function killGroup({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function foreign(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !OURS.test(name)));
}
