/** NATS for the soak of the forwarder: the server, how producers and forwarders reach it, and what is left in it. */
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

const STREAM = 'tailrace';

/** `start`, `freePort`: those of the soak. */
export async function startNats({ start, freePort, shards, folder }) {
  const port = await freePort();
  const options = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', join(folder, 'nats')];
  const child = start('nats-server', options);
  await new Promise((resolve, reject) => {
    child.stderr.on('data', (text) => String(text).includes('Server is ready') && resolve());
    child.on('exit', (code) => reject(new Error(`nats-server has ended with ${code}`)));
  });
  const connection = await connect({ servers: `127.0.0.1:${port}` });
  const { streams, consumers } = await jetstreamManager(connection);
  const messagesOf = async (name) => {
    try {
      return (await streams.info(name)).state.messages;
    } catch {
      // Nobody has made it yet.
      return 0;
    }
  };
  const urlAt = (at) => `nats://127.0.0.1:${at}`;
  return {
    port,
    urlAt,
    exporter: { exporter: 'nats', nats: { url: urlAt(port), shards, maxBytes: 512 * 1024 ** 2 } },
    forwarderOptions: [],
    /** Entries that are not delivered. */
    lag: () => messagesOf(STREAM),
    dead: () => messagesOf(`${STREAM}-dead`),
    pending: async () => (await consumers.info(STREAM, STREAM)).num_ack_pending,
    close: () => connection.close(),
  };
}
