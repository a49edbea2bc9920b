/** The connection of a forwarder to its source: opened on use, dropped when it is broken or silent. It tries nothing again by itself. */
import { type SharedConnection, shareConnection } from '../exporters/streams/connection.js';
import type { Fault } from '../exporters/streams/faults.js';
import { clearTimeout, setTimeout } from '../shared/runtime/real-time.js';
import { SourceFault } from './contract.js';

/** A server that answers nothing for so long is gone, or stopped. */
const ANSWER_TIMEOUT_MS = 10_000;

export interface Link<C> {
  /** Rejects with a `SourceFault`, or with what `special` has made of the error. */
  ask<T>(work: (connection: C) => Promise<T>): Promise<T>;
  close(): void;
}

export interface LinkOptions<C> {
  readonly connect: () => Promise<C>;
  readonly readFault: (error: unknown) => Fault;
  /** An answer that the source knows how to handle, in place of a `SourceFault`. */
  readonly special: (error: unknown) => Error | undefined;
}

class Silence extends Error {
  readonly code = 'ETIMEDOUT';
}

export function createLink<C extends { destroy(): void }>({
  connect,
  readFault,
  special,
}: LinkOptions<C>): Link<C> {
  const connection: SharedConnection<C> = shareConnection(connect);
  return {
    async ask(work) {
      const used = connection.use();
      try {
        return await inTime(used.then(work));
      } catch (error) {
        const handled = special(error);
        if (handled !== undefined) throw handled;
        const { outcome, isBroken } = readFault(error);
        if (isBroken) connection.drop(used);
        throw new SourceFault(outcome.reason, outcome.misconfigured ?? false);
      }
    },
    close: () => connection.close(),
  };
}

function inTime<T>(reply: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Silence()), ANSWER_TIMEOUT_MS);
    timer.unref();
  });
  return Promise.race([reply, silence]).finally(() => clearTimeout(timer));
}
