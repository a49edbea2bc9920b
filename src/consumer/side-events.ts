/** The consumer's end of the side lane: large events that arrive on a port, referred to by a record on the ring. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { SideRecord } from '../shared/control.js';
import type { Notices } from './notices.js';

export interface SideEvents {
  readonly port: MessagePort;
  /** Received, its reference not read yet. */
  readonly arrived: Map<number, SharedArrayBuffer>;
  /** The ledger's numbers of the records that refer to large events, oldest first. */
  readonly unsettled: number[];
}

export function createSideEvents(port: MessagePort): SideEvents {
  return { port, arrived: new Map(), unsettled: [] };
}

/** The event that a reference record stands for, in shared memory. */
export function takeSideEvent(events: SideEvents, reference: Buffer): Buffer {
  const id = reference.readUInt32LE();
  // Posted before the reference was published, so it is in the port's queue by now: no need to wait for it.
  for (let received = receive(events.port); received !== undefined; received = receive(events.port)) {
    events.arrived.set(received.id, received.bytes);
  }
  const bytes = events.arrived.get(id);
  events.arrived.delete(id);
  if (bytes === undefined) throw new Error(`the event beside the ring with id ${id} is missing`);
  return Buffer.from(bytes);
}

/** Tells the producer when records below number `oldest` have settled that refer to large events. */
export function noticeSettled({ unsettled }: SideEvents, oldest: number, notices: Notices): void {
  if (unsettled.length === 0 || (unsettled[0] as number) >= oldest) return;
  while (unsettled.length > 0 && (unsettled[0] as number) < oldest) unsettled.shift();
  notices.released();
}

function receive(port: MessagePort): SideRecord | undefined {
  return receiveMessageOnPort(port)?.message as SideRecord | undefined;
}
