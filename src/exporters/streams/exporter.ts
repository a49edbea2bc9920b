/**
 * What the exporters into streams share: each batch is an entry, in the form that a Langfuse server takes, and consumers bring it there
 * or elsewhere. What a server with streams is like, `StreamServer` says.
 */
import { hostname } from 'node:os';
import { createRevisionsWithoutServer } from '../../revision/revisions.js';
import type {
  ExportAttempt,
  Exporter,
  ExporterContext,
  ExportOutcome,
} from '../../shared/contract/exporter.js';
import type { LangfuseExporterOptions } from '../../shared/langfuse-options.js';
import { mayHoldMedia } from '../encoding/media-search.js';
import { createLangfuseEncoding, SPANS } from '../langfuse/encoding.js';
import type { SharedConnection } from './connection.js';
import { batchIdOf, type Entry, shardOf } from './entry.js';
import type { Fault } from './faults.js';

/** Events are written as for a Langfuse server, whose keys whoever reads the streams has. */
export type StreamExporterOptions = Omit<LangfuseExporterOptions, 'baseUrl' | 'publicKey' | 'secretKey'>;

export interface StreamServer<C> {
  /** Its address, without user and password. */
  readonly url: string;
  /** Says in each entry who made it. @default host name and process id */
  readonly producer: string | undefined;
  readonly shards: number;
  readonly spoolIdentity: string;
  readonly connection: SharedConnection<C>;
  /** The largest body that the server takes, as far as is known. @default any */
  maxBodyBytes?(): number;
  /** Rejects with an error for `readFault`. */
  add(connection: C, entry: Entry, shard: number): Promise<ExportOutcome>;
  readFault(error: unknown): Fault;
}

export async function createStreamExporter<C>(
  options: StreamExporterOptions,
  context: ExporterContext,
  server: StreamServer<C>,
): Promise<Exporter> {
  const { url, shards, connection, spoolIdentity } = server;
  const producer = server.producer ?? `${hostname()}:${process.pid}`;
  const revisions = await createRevisionsWithoutServer(options, context, mayHoldMedia);
  const { encoding, bodyOf } = createLangfuseEncoding(options, revisions, context);
  let isClosed = false;

  return {
    ...encoding,

    ...(server.maxBodyBytes && {
      maxBodyBytes: limited(encoding.maxBodyBytes ?? {}, server.maxBodyBytes),
    }),

    spoolIdentity,

    payload: (lane, records) => ({ url, body: bodyOf(lane, records).body }),

    async deliver(lane, records, attempt) {
      if (isClosed) return { kind: 'retryable', reason: 'the exporter is closed' };
      const id = batchIdOf(lane, attempt);
      const entry: Entry = {
        lane,
        contentType: lane === SPANS ? 'application/x-protobuf' : 'application/json',
        encoding: attempt.encoding,
        count: records.length,
        id,
        producer,
        body: inOnePiece(attempt),
      };
      const used = connection.use();
      // What the connection brings no more is of no use to the other batches either: replies come in order.
      const giveUp = (): void => connection.drop(used);
      attempt.signal.addEventListener('abort', giveUp, { once: true });
      try {
        return await server.add(await used, entry, shardOf(id, shards));
      } catch (error) {
        const { outcome, isBroken } = server.readFault(error);
        if (isBroken) connection.drop(used);
        return outcome;
      } finally {
        attempt.signal.removeEventListener('abort', giveUp);
      }
    },

    close() {
      isClosed = true;
      connection.close();
    },
  };
}

function inOnePiece({ body }: ExportAttempt): Buffer {
  const [first] = body;
  if (body.length !== 1 || first === undefined) return Buffer.concat(body);
  return Buffer.from(first.buffer, first.byteOffset, first.byteLength);
}

/** The limits of the bodies, none of them above the server's, which is read each time: it is known once there is a connection. */
function limited(
  limits: Readonly<Record<string, number>>,
  ofServer: () => number,
): Readonly<Record<string, number>> {
  const lanes = { [SPANS]: Number.POSITIVE_INFINITY, ...limits };
  return Object.defineProperties(
    {},
    Object.fromEntries(
      Object.entries(lanes).map(([lane, limit]) => [
        lane,
        { enumerable: true, get: () => Math.min(limit, ofServer()) },
      ]),
    ),
  );
}
