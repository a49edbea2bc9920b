/** Runs one job in a fresh process and resolves to its figures, or to what became of it. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('./child.js', import.meta.url));
const NOISE_LENGTH = 160;

/** @returns {Promise<{figures?: object, stopped: boolean, troubles: {message: string, count: number}[]}>} */
export function runChild(job) {
  return new Promise((resolve) => {
    const child = fork(CHILD, [JSON.stringify(job)], { silent: true, execArgv: ['--expose-gc'] });
    let result;
    // What a client prints is worth a line in the results, not a flood on the terminal.
    const noise = { lines: 0, first: '' };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        noise.lines += chunk.toString().split('\n').length - 1;
        if (noise.first === '') noise.first = chunk.toString().trim().split('\n')[0].slice(0, NOISE_LENGTH);
      });
    }
    child.on('message', (message) => {
      result = message;
    });
    let stopped = false;
    const timer = setTimeout(() => {
      stopped = true;
      child.kill('SIGKILL');
    }, job.timeoutMs);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const troubles = result?.troubles ?? [];
      if (stopped) troubles.push({ message: `stopped after ${job.timeoutMs} ms`, count: 1 });
      else if (result === undefined)
        troubles.push({ message: `ended without a result: ${signal ?? code}`, count: 1 });
      if (noise.lines > 0) troubles.push({ message: `printed: ${noise.first}`, count: noise.lines });
      resolve({ figures: result?.figures, stopped, troubles });
    });
  });
}
