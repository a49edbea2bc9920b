/** A server of somebody else's framework: started, asked, ended by a signal; what its requests traced has come by then. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { execute } from './execute.js';
import { startSink } from './sink.js';

/** What an application makes at its start: not from LANGFUSE_* variables, so that a second client would be seen. */
export const CLIENT = `import { Tailrace } from 'tailrace';

const { PLACE_PUBLIC_KEY: publicKey, PLACE_SECRET_KEY: secretKey, PLACE_BASE_URL: baseUrl } = process.env;
export const tailrace = new Tailrace({ publicKey, secretKey, baseUrl });
`;

/** What a request does, in another module than the client's: it traces with the client that the application has made. */
export const ANSWER = `import { startActiveObservation } from 'tailrace';

export function answer() {
  return startActiveObservation('request', async (span) => {
    span.generation({ name: 'generation', model: 'gpt-4o', input: 'hello' }).end({ output: 'hello' });
    return 'answered';
  });
}
`;

export const SERVED_SPANS = ['generation', 'request'];

/**
 * @param {object} options
 * @param {string[]} options.paths What is asked for, one after the other.
 * @param {(port: number) => [command: string, args: string[]]} options.command
 * @returns how it ended, what it was answered and what the sink has got.
 */
export async function serve({ paths, command, cwd, env }) {
  const sink = await startSink();
  const port = await freePort();
  const [binary, args] = command(port);
  let server;
  const ended = execute(binary, args, {
    cwd,
    env: {
      PLACE_PUBLIC_KEY: 'pk-lf-1',
      PLACE_SECRET_KEY: 'sk-lf-1',
      PLACE_BASE_URL: sink.url,
      PORT: String(port),
      HOST: '127.0.0.1',
      HOSTNAME: '127.0.0.1',
      ...env,
    },
    onStart: (child) => (server = child),
  });
  try {
    await Promise.race([listening(port), ended]);
    const answers = [];
    for (const path of paths) answers.push(await ask(`http://127.0.0.1:${port}${path}`));
    server.kill('SIGTERM');
    return { ...(await ended), answers, spans: sink.spans };
  } finally {
    sink.close();
  }
}

async function ask(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(20_000) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    return { status: 0, text: String(error?.cause ?? error) };
  }
}

/** Frameworks print it each in its own words, so the port itself is asked. */
async function listening(port) {
  const until = performance.now() + 30_000;
  while (performance.now() < until) {
    try {
      await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(5000) });
      return;
    } catch {
      await sleep(100);
    }
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
