/** Clients whose requests a model of the Langfuse server reads. */
import { Tailrace, type TailraceOptions } from 'tailrace';
import { onTestFinished } from 'vitest';
import type { Protocol } from '../../src/shared/langfuse-options.js';
import {
  type CapturedRequest,
  type Server,
  type ServerVersion,
  serverOf,
  startCapture,
} from './langfuse-server/index.js';

export interface CapturedClient {
  readonly client: Tailrace;
  readonly requests: readonly CapturedRequest[];
  /** Warnings and errors. */
  readonly messages: string[];
  /** What the server has stored so far. */
  server(): Server;
}

export async function startCapturedClient(
  version: ServerVersion,
  options: TailraceOptions = {},
): Promise<CapturedClient> {
  const capture = await startCapture({ version });
  const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: capture.url, ...options });
  const messages: string[] = [];
  client.on('warning', (message) => messages.push(message));
  client.on('error', (message) => messages.push(message));
  onTestFinished(async () => {
    await client.shutdown();
    await capture.close();
  });
  return { client, messages, requests: capture.requests, server: () => serverOf(version, capture.requests) };
}

/** Langfuse 4 takes nothing but scores over its older endpoint. */
export const ROADS: readonly (readonly [Protocol, ServerVersion])[] = [
  ['otel', 3],
  ['otel', 4],
  ['ingestion', 3],
];

export const NO_LOSSES = { dropped: [], changed: [] };

/** What the server loses, but for the copy that it makes of a foreign scope's attributes: a test of its own sees it. */
export function lossesOf({ server }: CapturedClient): object {
  const { dropped, changed } = server();
  return { dropped, changed: changed.filter(({ field }) => field !== 'metadata.attributes') };
}
