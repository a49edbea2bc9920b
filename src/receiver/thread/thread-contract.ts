/** What receiver-thread.ts calls in receiver-worker.ts. */

import type { Receiver, ReceiverOptions } from '../receiver.js';

type Address = Pick<Receiver, 'url' | 'port' | 'instance'>;

export type ReceiverThread = {
  start(options: ReceiverOptions): Promise<Address>;
} & Pick<Receiver, 'counts' | 'usage' | 'complaints' | 'close'>;

/** A warning. */
export type ReceiverNotice = string;
