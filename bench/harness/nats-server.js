/** A nats-server of its own for a benchmark, with JetStream in a folder. Undefined where it, or the client's packages, are not installed. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';

const STREAM = 'tailrace';

export async function startNats() {
  const packages = await loadPackages();
  if (packages === undefined) return undefined;
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-nats-'));
  const options = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder];
  const server = spawn('nats-server', options, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  for await (const bytes of server.stderr.iterator({ destroyOnReturn: false })) {
    log += bytes;
    if (log.includes('Server is ready')) break;
  }
  server.stderr.resume();
  const connection = await packages.connect({ servers: `127.0.0.1:${port}` });
  const { streams } = await packages.jetstreamManager(connection);
  return {
    url: `nats://127.0.0.1:${port}`,
    /** The exporter makes the stream again. */
    reset: () => streams.delete(STREAM).catch(() => {}),
    /** Of all messages of the stream, as their headers say. */
    async countEvents() {
      const { state } = await streams.info(STREAM);
      let events = 0;
      for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
        events += Number((await streams.getMessage(STREAM, { seq })).header.get('Tailrace-Count'));
      }
      return events;
    },
    async stop() {
      await connection.close();
      server.kill();
      await once(server, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}

async function loadPackages() {
  try {
    execFileSync('nats-server', ['--version'], { stdio: 'ignore' });
    const names = ['@nats-io/transport-node', '@nats-io/jetstream'];
    const [{ connect }, { jetstreamManager }] = await Promise.all(names.map((name) => import(name)));
    return { connect, jetstreamManager };
  } catch {
    return undefined;
  }
}
