/** A client of a server that misbehaves, what it was told, and the names by which its events are known again. */
import { setImmediate } from 'node:timers/promises';
import { Tailrace, type TailraceOptions } from 'tailrace';
import type { ExpectStatic, TestContext } from 'vitest';
import { type Fault, type FaultServer, startFaultServer } from './fault-server.js';
import { CREDENTIALS, KEYS } from './faults.js';

export interface ClientBench {
  readonly client: Tailrace;
  readonly warnings: string[];
  readonly errors: string[];
  /** Resolves with the first message that matches. */
  told(words: RegExp): Promise<string>;
}

export interface Bench extends ClientBench {
  readonly server: FaultServer;
}

export async function startBench(
  context: TestContext,
  fault: Fault,
  options: TailraceOptions = {},
): Promise<Bench> {
  const server = await startFaultServer(fault, context.onTestFinished);
  const patience = fault.isSlow ? { requestTimeout: IMPATIENT_MS } : {};
  return { server, ...startClientOf(context, server, { ...patience, ...options }) };
}

/** For those that write less than a batch and await what comes of it. */
export const SOON: TailraceOptions = { flushInterval: 0.05 };
export const IMPATIENT_MS = 500;

/** The server is mended before the client is shut down. */
export function startClientOf(
  { onTestFinished }: TestContext,
  server: { url: string; mend?: () => Promise<void> },
  options: TailraceOptions = {},
): ClientBench {
  const client = new Tailrace({
    ...KEYS,
    baseUrl: server.url,
    flushAt: 20,
    // Longer than a test may take: batches are cut by count and by flushes.
    flushInterval: 59,
    ...options,
  });
  const warnings: string[] = [];
  const errors: string[] = [];
  const listeners = new Set<() => void>();
  const hear = (messages: string[]) => (message: string) => {
    messages.push(message);
    for (const listener of listeners) listener();
  };
  client.on('warning', hear(warnings));
  client.on('error', hear(errors));
  onTestFinished(async () => {
    await server.mend?.();
    await client.shutdown();
  });
  const told = (words: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const patience = setTimeout(
        () => reject(new Error(`not told ${words}, but: ${warnings}, ${errors}`)),
        30_000,
      );
      const look = (): void => {
        const message = [...warnings, ...errors].find((one) => words.test(one));
        if (message === undefined) return;
        listeners.delete(look);
        clearTimeout(patience);
        resolve(message);
      };
      listeners.add(look);
      look();
    });
  return { client, warnings, errors, told };
}

export const name = (number: number): string => `event ${number}`;
export const namesUpTo = (count: number): string[] => Array.from({ length: count }, (_, i) => name(i)).sort();

/** A batch a turn, as a service under load writes them. */
export async function write({ client }: ClientBench, from: number, to: number): Promise<void> {
  for (let number = from; number < to; number++) {
    client.event({ name: name(number) });
    if (number % 20 === 19) await setImmediate();
  }
}

export function expectNoSecret(expect: ExpectStatic, { warnings, errors }: ClientBench): void {
  const all = [...warnings, ...errors].join('\n');
  for (const secret of [KEYS.secretKey, CREDENTIALS, 't0ken']) expect(all).not.toContain(secret);
}
