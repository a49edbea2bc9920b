/** The durable consumer that all forwarders of a group share: made when it is missing, and measured. */
import type { NatsConnection } from '../../exporters/nats/client.js';
import { isConsumerMissing } from '../../exporters/nats/faults.js';
import { NANOS_PER_MS } from '../../exporters/nats/stream.js';
import { systemNow } from '../../shared/runtime/real-time.js';
import type { Lag } from '../contract.js';

export interface GroupOptions {
  readonly stream: string;
  readonly group: string;
  readonly claimAfterMs: number;
}

/** Rejects if the stream is missing: producers make it, with the bounds that they want. */
export async function ensureConsumer(
  { consumers }: NatsConnection,
  { stream, group, claimAfterMs }: GroupOptions,
): Promise<void> {
  const ackWait = claimAfterMs * NANOS_PER_MS;
  const found = await consumers.info(stream, group).catch((error) => {
    if (!isConsumerMissing(error)) throw error;
    return undefined;
  });
  if (found === undefined) {
    // A consumer that another forwarder makes at this moment is the same.
    await consumers.add(stream, {
      durable_name: group,
      ack_policy: 'explicit',
      ack_wait: ackWait,
      deliver_policy: 'all',
      replay_policy: 'instant',
      // The forwarder puts aside what was taken too often. Each takes as many as it has room for.
      max_deliver: -1,
      max_ack_pending: -1,
    });
  } else if ((found.config.ack_wait ?? 0) < ackWait) {
    // An entry that this forwarder has not extended yet would go to another one.
    await consumers.update(stream, group, { ack_wait: ackWait });
  }
}

export async function measureLag(
  { consumers, streams }: NatsConnection,
  { stream, group }: GroupOptions,
  dead: number,
): Promise<Lag> {
  const [{ num_pending: free, num_ack_pending: pending }, { state }] = await Promise.all([
    consumers.info(stream, group),
    streams.info(stream),
  ]);
  return {
    streams: [{ name: stream, entries: free + pending, pending }],
    dead,
    // Entries are taken in the order of the stream.
    oldestMs: pending === 0 ? 0 : Math.max(0, systemNow() - Date.parse(state.first_ts)),
  };
}
