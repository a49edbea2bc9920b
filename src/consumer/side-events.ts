/** The consumer's end of the side lane: large events that arrive on a port, referred to by a record on the ring. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { SideRecord } from '../shared/control.js';
import type { Notices } from './notices.js';

export interface SideEvents {
  readonly port: MessagePort;
  /** Received, its reference not read yet. */
  readonly arrived: Map<number, SharedArrayBuffer>;
  /** Ids to release, by the ledger's number of the record that referred to them, oldest first. */
  readonly unsettled: Map<number, number>;
}

export function createSideEvents(port: MessagePort): SideEvents {
  return { port, arrived: new Map(), unsettled: new Map() };
}

/** The event that a reference record stands for, copied to the heap. */
export function takeSideEvent(events: SideEvents, reference: Buffer, number: number): Buffer {
  const id = reference.readUInt32LE();
  // Posted before the reference was published, so it is in the port's queue by now: no need to wait for it.
  for (let received = receive(events.port); received !== undefined; received = receive(events.port)) {
    events.arrived.set(received.id, received.bytes);
  }
  const bytes = events.arrived.get(id);
  events.arrived.delete(id);
  events.unsettled.set(number, id);
  if (bytes === undefined) throw new Error(`the event beside the ring with id ${id} is missing`);
  return Buffer.from(new Uint8Array(bytes));
}

/** Lets go of the events whose records have settled: all with a number below `oldest`. */
export function releaseSettled(events: SideEvents, oldest: number, notices: Notices): void {
  for (const [number, id] of events.unsettled) {
    if (number >= oldest) break;
    events.unsettled.delete(number);
    notices.released(id);
  }
}

function receive(port: MessagePort): SideRecord | undefined {
  return receiveMessageOnPort(port)?.message as SideRecord | undefined;
}
