/**
 * An exporter for tests that owns its connection: each batch is one line over TCP, `LENGTH ENCODING`, then the body; the server
 * answers with one line. Options: `port`; `fault`, a shared Int32Array whose number says how to misbehave (see FAULTS); `closed`, a shared
 * Int32Array that counts the calls of `close`; `withholds`: it can encode an event without its payload.
 */
import { connect } from 'node:net';

const FAULTS = ['', 'throws', 'rejects', 'says nothing', 'no outcome', 'unknown outcome', 'body is text'];

export function createExporter({ port, fault, closed }) {
  const faultNow = () => FAULTS[fault === undefined ? 0 : Atomics.load(fault, 0)];
  const open = new Set();
  return {
    encode: (event) => ({
      lane: event?.lane ?? 'lines',
      id: String(event?.id),
      bytes: Buffer.from(JSON.stringify(event)),
    }),
    bodyBytes: (_lane, count, recordBytes) => recordBytes + count,
    payload(_lane, records) {
      const body = records.flatMap(({ bytes }) => [bytes, Buffer.from('\n')]);
      return { url: `lines://127.0.0.1:${port}`, body: faultNow() === 'body is text' ? 'text' : body };
    },
    deliver(lane, records, { body, encoding, signal }) {
      const misbehaviour = faultNow();
      if (misbehaviour === 'throws') throw new Error('it throws');
      if (misbehaviour === 'rejects') return Promise.reject(new Error('it rejects'));
      if (misbehaviour === 'says nothing') return new Promise(() => {});
      if (misbehaviour === 'no outcome') return Promise.resolve();
      if (misbehaviour === 'unknown outcome') return Promise.resolve({ kind: 'perhaps' });
      return exchange(port, `${lane} ${records.length} ${encoding}`, body, signal, open);
    },
    close() {
      for (const socket of open) socket.destroy();
      if (closed !== undefined) Atomics.add(closed, 0, 1);
    },
  };
}

function exchange(port, head, pieces, signal, open) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', signal }).unref();
    const body = Buffer.concat(pieces);
    open.add(socket);
    socket.write(`${head} ${body.byteLength}\n`);
    socket.write(body);
    socket.on('data', (bytes) => {
      resolve(JSON.parse(bytes.toString()));
      socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => {
      open.delete(socket);
      reject(new Error('the connection was cut'));
    });
  });
}
