/** The receiver as `tailrace dev` starts it, in a process of its own, and requests to it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/bin/cli.js', import.meta.url));
const AUTHORIZATION = `Basic ${Buffer.from('pk-lf-bench:sk-lf-bench').toString('base64')}`;
/** Unbounded for the benchmark: an eviction would take away what is counted. */
const MAX_MB = '100000';

export async function startServer(folder, execArgv = []) {
  const args = [...execArgv, CLI, 'dev', '--quiet', '--port', '0', '--data', folder, '--max-mb', MAX_MB];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await printedUrl(child);
  return { url, cpuMs: () => cpuMs(child.pid), stop: (signal = 'SIGTERM') => stop(child, signal) };
}

function printedUrl(child) {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      const url = /LANGFUSE_BASE_URL=(\S+)\n/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.on('exit', () => reject(new Error(`the receiver has not started: ${said}`)));
  });
}

async function stop(child, signal) {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** User and system time of the process; NaN where there is no /proc. */
function cpuMs(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

/** Sends all bodies over so many connections. @returns {Promise<number>} spans that were answered with 200 */
export async function sendAll(url, bodies, connections = 4) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const iterator = bodies[Symbol.iterator]();
  let stored = 0;
  const sendNext = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) {
      const { status, text } = await call(`${url}/api/public/otel/v1/traces`, {
        agent,
        body: next.value.body,
      });
      if (status !== 200) throw new Error(`the receiver has answered ${status}: ${text}`);
      stored += next.value.spans;
    }
  };
  await Promise.all(Array.from({ length: connections }, sendNext));
  agent.destroy();
  return stored;
}

/** @returns {Promise<{ status: number, text: string, ms: number }>} */
export async function call(url, { agent, body, headers = {} } = {}) {
  const startMs = performance.now();
  const type =
    body === undefined ? {} : { 'content-type': 'application/x-protobuf', 'content-length': body.length };
  const sent = request(url, {
    agent,
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: AUTHORIZATION, ...type, ...headers },
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  const chunks = [];
  for await (const chunk of response) chunks.push(chunk);
  return {
    status: response.statusCode,
    text: Buffer.concat(chunks).toString(),
    ms: performance.now() - startMs,
  };
}
