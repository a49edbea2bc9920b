/**
 * Batches from a stream of NATS JetStream, by one durable consumer that all forwarders of a group share. An entry stays in its stream
 * until it is acknowledged. The server gives it to the next who asks when nobody has extended it for `claimAfterMs`, so that the entries
 * of the dead come with the others.
 *
 * The consumer is polled, as an end should not wait for an answer that comes late.
 */
import type { NatsMessage } from '../../exporters/nats/client.js';
import { fieldsIn } from '../../exporters/nats/stream.js';
import type { TlsIdentity } from '../../shared/contract/exporter.js';
import type { NatsServer } from '../../shared/contract/nats-options.js';
import type { DeadLetter, Source, Taken } from '../contract.js';
import { type Fields, parseEntry } from '../entry.js';
import { ensureConsumer, type GroupOptions, measureLag } from './consumer.js';
import { addLetter, deadStreamOf, replayLetters } from './dead-letters.js';
import { createNatsLink, Missing } from './link.js';

export interface NatsSourceOptions extends GroupOptions {
  readonly nats: NatsServer;
  readonly tls: TlsIdentity | undefined;
  readonly maxDead: number;
  /** Reports something that is to be said once. */
  readonly sayOnce: (topic: string, text: string) => void;
}

interface NatsTaken extends Taken {
  readonly message: NatsMessage;
  readonly fields: Fields;
  readonly sequence: string;
  /** When the stream got it. */
  readonly time: string;
}

const ACK = '+ACK';
const GIVE_BACK = '-NAK';
const IN_PROGRESS = '+WPI';

export function createNatsSource(options: NatsSourceOptions): Source {
  const { nats, tls, stream, group, maxDead, sayOnce } = options;
  const link = createNatsLink(nats, tls);
  const dead = deadStreamOf(stream);
  let isReady = false;

  /** Makes the consumer if it is missing, which somebody may delete at any time. Undefined: there is no stream. */
  async function withConsumer<T>(work: () => Promise<T>): Promise<T | undefined> {
    for (let tries = 0; ; tries++) {
      try {
        if (!isReady) await link.ask((server) => ensureConsumer(server, options));
        isReady = true;
        return await work();
      } catch (error) {
        if (!(error instanceof Missing)) throw error;
        isReady = false;
        if (tries === 0) continue;
        sayOnce('stream', `there is no stream ${stream} yet: the first producer makes it`);
        return undefined;
      }
    }
  }

  function takenFrom(message: NatsMessage): NatsTaken {
    const { sequence, attempts, time } = deliveryOf(message.reply);
    const fields = fieldsIn(message.headers, message.body);
    const parsed = parseEntry(fields);
    const content =
      parsed.kind === 'later'
        ? // JetStream counts how often an entry was taken: it cannot be left for a later forwarder.
          {
            kind: 'unreadable' as const,
            reason: `the entry has the version ${parsed.version}, which this forwarder does not know`,
          }
        : parsed.kind === 'batch'
          ? { kind: 'batch' as const, batch: { ...parsed.batch, addedUs: addedUsOf(time) } }
          : parsed;
    return { name: `${stream} ${sequence}`, content, attempts, message, fields, sequence, time };
  }

  /** The consumer may be gone, and its entries with it, or in the hands of a new one. */
  async function unlessMissing(work: Promise<void>): Promise<void> {
    await work.catch((error) => {
      if (!(error instanceof Missing)) throw error;
      isReady = false;
    });
  }

  return {
    url: link.url,

    read: async (max) =>
      ((await withConsumer(() => link.ask((server) => server.pull(stream, group, max)))) ?? []).map(
        takenFrom,
      ),

    // They come with the others.
    claim: async () => [],

    extend: (taken) =>
      link.ask(async (server) => {
        for (const { message } of taken as NatsTaken[]) server.answer(message.reply, IN_PROGRESS);
      }),

    acknowledge: (taken) =>
      unlessMissing(link.ask((server) => server.settle((taken as NatsTaken).message.reply, ACK))),

    putAside(taken, { reason, part }: DeadLetter) {
      const { message, fields, sequence, attempts, time } = taken as NatsTaken;
      const facts = { reason, attempts, subject: message.subject, entry: sequence, time };
      return link.ask((server) => addLetter(server, dead, part ?? fields, facts, maxDead));
    },

    async release(taken) {
      await Promise.all(
        (taken as NatsTaken[]).map(({ message }) =>
          unlessMissing(link.ask((server) => server.settle(message.reply, GIVE_BACK))),
        ),
      );
    },

    replayDead: () => link.ask((server) => replayLetters(server, dead, stream)),

    async lag() {
      const letters = await link
        .ask(async ({ streams }) => (await streams.info(dead)).state.messages)
        .catch((error) => {
          if (error instanceof Missing) return 0;
          throw error;
        });
      const lag = await withConsumer(() => link.ask((server) => measureLag(server, options, letters)));
      return lag ?? { streams: [{ name: stream, entries: 0, pending: 0 }], dead: letters, oldestMs: 0 };
    },

    close: async () => link.close(),
  };
}

/** From nanoseconds, which are more than a number holds. Undefined: the server did not say it. */
function addedUsOf(time: string): number | undefined {
  return /^\d+$/.test(time) ? Number(BigInt(time) / 1000n) : undefined;
}

/**
 * What the server says of a delivery by the subject of its acknowledgement: `$JS.ACK.STREAM.CONSUMER.ATTEMPTS.SEQUENCE.…`, in
 * later versions with domain and account before the stream.
 */
function deliveryOf(reply: string): {
  readonly attempts: number;
  readonly sequence: string;
  readonly time: string;
} {
  const parts = reply.split('.');
  const from = parts.length > 9 ? 6 : 4;
  const [attempts, sequence = '', , time = ''] = parts.slice(from);
  return { attempts: Number(attempts) || 1, sequence, time };
}
