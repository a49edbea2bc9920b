/** The sink as the benchmarks see it: started as a process of its own, asked over HTTP. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { fileURLToPath } from 'node:url';

/** `options`: of sink.js. */
export async function startSink(...options) {
  const sink = spawn(process.execPath, [fileURLToPath(new URL('./sink.js', import.meta.url)), ...options], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const url = String((await once(sink.stdout, 'data'))[0]).trim();
  return { ...sinkAt(url), stop: () => sink.kill() };
}

export function sinkAt(url) {
  return {
    url,
    counts: () => ask(url, '/_counts'),
    reset: () => ask(url, '/_reset'),
    delay: (ms) => ask(url, `/_delay?ms=${ms}`),
    /** Resolves to the counts once so many events have come, or none has come for stallMs. */
    wait: (delivered, stallMs) => ask(url, `/_wait?delivered=${delivered}&stallMs=${stallMs}`),
  };
}

/** node:http and no agent: one small request, without loading fetch into a process whose memory is measured. */
function ask(url, path) {
  return new Promise((resolve, reject) => {
    get(`${url}${path}`, { agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
    }).on('error', reject);
  });
}
