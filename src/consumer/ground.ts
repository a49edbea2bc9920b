/** What the pipeline of a ring stands on, whether or not there is an exporter: the ring, its ledger, the way to the network. */

import { setMaxListeners } from 'node:events';
import { decodePart } from '../event/event-decoder.js';
import { warningOf } from '../messages/message.js';
import type { ConsumerOptions } from '../shared/contract/control.js';
import type { ExporterContext } from '../shared/contract/exporter.js';
import { claimRing } from '../shared/ring/ownership.js';
import { MEDIA_FAILED, ringMemory, type SharedRing, TRUNCATED } from '../shared/ring/ring-layout.js';
import { beat, endWatch } from '../shared/ring/urgent-flush.js';
import type { Gate } from './delivery/gate.js';
import {
  createRetryingTransport,
  type RetryingTransport,
  type RetryOptions,
} from './delivery/retrying-transport.js';
import { type Transport, type TransportRequest, toTransportRequest } from './delivery/transport.js';
import { createTrouble } from './delivery/trouble.js';
import { createOwner, type Owner } from './delivery/turn.js';
import type { ExporterLoader } from './exporter/load-exporter.js';
import { createLedger, type Ledger } from './intake/ledger.js';
import { createRingReader, type RingReader } from './intake/ring-reader.js';
import type { Notices } from './notices.js';
import { apartFromTaking } from './recovery/brackets.js';

/** What the pipelines of one consumer have in common. */
export interface PipelineHost {
  /** The number of the consumer among those of its rings. */
  readonly life: number;
  readonly options: ConsumerOptions;
  readonly http: Transport;
  readonly gate: Gate;
  /** The words of the consumer's own ring, which is the client's. */
  readonly client: Int32Array;
  readonly loader: ExporterLoader;
}

export interface Ground {
  readonly reader: RingReader;
  readonly ledger: Ledger;
  readonly notices: Notices;
  readonly host: PipelineHost;
  readonly lane: SharedArrayBuffer;
  readonly closing: AbortController;
  /** Of what is sent from here. */
  readonly owner: Owner;
  readonly trouble: Pick<RetryOptions, 'onRetry' | 'onTaken'>;
  readonly transport: RetryingTransport;
  /** Requests of the exporter's own that are under way: uploads of media. */
  sending: number;
  isLetGo: boolean;
  /** Called when an attempt has failed and another will be made. */
  onTrouble: (request: TransportRequest) => void;
  /** Whether events are about to be lost, or somebody waits. */
  isUrgent: () => boolean;
}

const TOTALS = { truncated: TRUNCATED, mediaFailed: MEDIA_FAILED };

/** Throws where the ring is for another consumer by now. */
export function prepareGround({ ring, lane }: SharedRing, host: PipelineHost, notices: Notices): Ground {
  const { life, options, http, gate } = host;
  if (!claimRing(ringMemory(ring).words, life)) throw new Error('the ring is for another consumer by now');
  const reader = createRingReader(ring);
  const ledger = createLedger(reader);
  const closing = new AbortController();
  // One listener for each request that waits; Node would warn of the eleventh.
  setMaxListeners(0, closing.signal);
  const trouble = createTrouble(reader, ledger, notices, (request) => ground.onTrouble(request));
  const owner = createOwner(() => ground.isUrgent());
  const transport = createRetryingTransport(http, {
    gate,
    owner,
    closing: closing.signal,
    retryWindowMs: options.retryWindowMs,
    ...trouble,
  });
  const ground: Ground = {
    reader,
    ledger,
    notices,
    host,
    lane,
    closing,
    owner,
    trouble,
    transport,
    sending: 0,
    isLetGo: false,
    onTrouble: () => {},
    isUrgent: () => false,
  };
  return ground;
}

export function contextOf(ground: Ground): ExporterContext {
  const { reader, notices, transport, host } = ground;
  return {
    decode: decodePart,
    send: (request, read) => {
      ground.sending++;
      return transport.send(toTransportRequest(request), read).finally(() => {
        ground.sending--;
      });
    },
    count: (total) => ground.isLetGo || Atomics.add(reader.counters, TOTALS[total], 1n),
    warning: (topic, text) => void notices.warning(warningOf(topic, text), topic),
    stillAlive: () => beat(reader.words),
    apart: (work) => apartFromTaking(reader, work),
    load: host.loader.loadModule,
  };
}

export function endGround({ closing, reader }: Ground): void {
  closing.abort();
  endWatch(reader.words);
}
