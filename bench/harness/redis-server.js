/** A redis-server of its own for a benchmark, without persistence, and what it says about itself. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { freePort } from './free-port.js';

export function hasRedis() {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export async function startRedis() {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-redis-'));
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  let log = '';
  for await (const bytes of server.stdout.iterator({ destroyOnReturn: false })) {
    log += bytes;
    if (log.includes('Ready to accept connections')) break;
  }
  server.stdout.resume();
  const url = `redis://127.0.0.1:${port}`;
  const client = await createClient({ url, RESP: 2 }).connect();
  const ask = (...command) => client.sendCommand(command);

  async function info(section) {
    const lines = String(await ask('INFO', section)).split('\r\n');
    return Object.fromEntries(lines.filter((line) => line.includes(':')).map((line) => line.split(':')));
  }

  return {
    url,
    ask,
    /** User and system time of the server so far. */
    async cpuMicros() {
      const { used_cpu_user: user, used_cpu_sys: system } = await info('cpu');
      return 1e6 * (Number(user) + Number(system));
    },
    async network() {
      const { total_net_input_bytes: inBytes, total_net_output_bytes: outBytes } = await info('stats');
      return { inBytes: Number(inBytes), outBytes: Number(outBytes) };
    },
    usedMemory: async () => Number((await info('memory')).used_memory),
    /** Of all entries of a stream, as their fields say. */
    async countEvents(stream = 'tailrace:0') {
      const entries = await ask('XRANGE', stream, '-', '+');
      return entries.reduce((sum, [, fields]) => sum + Number(fields[fields.indexOf('count') + 1]), 0);
    },
    async stop() {
      client.destroy();
      server.kill();
      await once(server, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}
