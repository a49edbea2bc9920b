/** The built-in exporter to a stream of NATS JetStream: each batch is a message, which consumers bring to a Langfuse server or elsewhere. */
import { message, warnBy } from '../../messages/message.js';
import type { Exporter, ExporterContext, ExportOutcome } from '../../shared/contract/exporter.js';
import type { NatsExporterOptions } from '../../shared/contract/nats-options.js';
import { readTlsIdentity } from '../connection-options.js';
import { hostOf, hostsOf } from '../streams/address.js';
import { shareConnection } from '../streams/connection.js';
import type { Entry } from '../streams/entry.js';
import { createStreamExporter } from '../streams/exporter.js';
import { connect, type NatsConnection, preload } from './client.js';
import { hasNoResponder, isFull, isTooLarge, readFault } from './faults.js';
import { ensureStream, fitted, HEADER_BYTES, messageOf } from './stream.js';

/** Of a server that says nothing else. */
const USUAL_MAX_PAYLOAD = 1024 * 1024;

export function createExporter(options: unknown, context: ExporterContext): Promise<Exporter> {
  const given = options as NatsExporterOptions;
  const { nats } = given;
  const { isTls, stream, subject, shards, create, producer } = nats;
  const called = hostOf(nats);
  const tls = nats.tls && readTlsIdentity(nats.tls, context);
  let maxBodyBytes = USUAL_MAX_PAYLOAD - HEADER_BYTES;
  /** That the stream is there. Forgotten with the connection, and when the server no longer has it. */
  let ensured: Promise<void> | undefined;
  preload();

  async function open(): Promise<NatsConnection> {
    const connection = await connect(nats, tls);
    maxBodyBytes = connection.maxPayload - HEADER_BYTES;
    return connection;
  }

  async function ensure(server: NatsConnection): Promise<void> {
    const found = await ensureStream(server, nats);
    if (nats.full === 'refuse' && found !== undefined && found.config.discard !== 'new') {
      warnBy(context.warning, message('TAILRACE_NATS_STREAM_TRIMS', stream, called), stream);
    }
  }

  async function add(server: NatsConnection, entry: Entry, shard: number): Promise<ExportOutcome> {
    const fitting = await fitted(entry, maxBodyBytes);
    const tooLarge: ExportOutcome = {
      kind: 'too-large',
      reason: `nats ${called}: a batch is larger than the server takes (${maxBodyBytes + HEADER_BYTES} bytes)`,
    };
    if (fitting === undefined) return tooLarge;
    if (create) {
      ensured ??= ensure(server);
      await ensured;
    }
    try {
      await server.publish(messageOf(nats, fitting, shard));
      return { kind: 'success' };
    } catch (error) {
      if (isTooLarge(error)) return tooLarge;
      if (isFull(error)) {
        return { kind: 'retryable', reason: `nats ${called}: the stream ${stream} is full` };
      }
      if (create && hasNoResponder(error)) {
        ensured = undefined;
        return { kind: 'retryable', reason: `nats ${called}: the stream ${stream} is gone` };
      }
      throw error;
    }
  }

  return createStreamExporter(given, context, {
    url: `${isTls ? 'tls' : 'nats'}://${called}`,
    producer,
    shards,
    spoolIdentity: `nats/1 ${hostsOf(nats)} ${stream} ${subject}`,
    connection: shareConnection(open, () => {
      ensured = undefined;
    }),
    maxBodyBytes: () => maxBodyBytes,
    add,
    readFault(error) {
      // What was asked for in vain is asked for again with the next batch.
      ensured = undefined;
      return readFault(error, called);
    },
  });
}
