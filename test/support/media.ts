/** Media to send, and clients whose media go to the real receiver or to a storage that misbehaves. */
import { createHash } from 'node:crypto';
import { Tailrace, type TailraceOptions } from 'tailrace';
import { onTestFinished } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/receiver.js';
import { authorization } from '../unit/receiver/helpers.js';
import { type Answer, type Sink, startSink } from './sink.js';

/** Differs for each `seed`; what is in it matters to nobody. */
export function imageBytes(seed: number, bytes = 300): Buffer {
  return Buffer.alloc(bytes, `image ${seed} `);
}

export function dataUri(content: Buffer, contentType = 'image/png'): string {
  return `data:${contentType};base64,${content.toString('base64')}`;
}

export function mediaIdOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 22);
}

export function tagOf(content: Uint8Array, contentType = 'image/png', source = 'base64_data_uri'): string {
  return `@@@langfuseMedia:type=${contentType}|id=${mediaIdOf(content)}|source=${source}@@@`;
}

interface Bench {
  readonly client: Tailrace;
  readonly warnings: string[];
}

export interface ReceiverBench extends Bench {
  readonly receiver: Receiver;
  /** The trace as the receiver's API has it. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  trace(id: string): Promise<any>;
  /** What the receiver answers for one media id. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of many shapes
  media(id: string): Promise<{ status: number; json: any }>;
  content(id: string): Promise<Buffer>;
}

export async function startMediaBench(options: TailraceOptions = {}): Promise<ReceiverBench> {
  const receiver = await startReceiver({ port: 0 });
  onTestFinished(() => receiver.close());
  const get = async (path: string) => {
    const response = await fetch(`${receiver.url}${path}`, { headers: { authorization } });
    return { status: response.status, json: await response.json() };
  };
  return {
    ...startTestClient(receiver.url, options),
    receiver,
    trace: async (id) => (await get(`/api/public/traces/${id}`)).json,
    media: (id) => get(`/api/public/media/${id}`),
    content: async (id) => Buffer.from(await (await fetch(`${receiver.url}/media/${id}`)).arrayBuffer()),
  };
}

export interface StorageBench extends Bench {
  readonly server: Sink;
  /** On another origin, as S3 is. */
  readonly storage: Sink;
}

export const SIGNATURE = 'X-Amz-Signature=0123456789';

/** A server that takes all events, and sends media to a storage that answers as the test says. */
export async function startStorageBench(
  answerOfStorage: Answer,
  options: TailraceOptions = {},
): Promise<StorageBench> {
  const storage = await startSink(answerOfStorage);
  const server = await startSink(({ method, url, body }, response) => {
    if (method !== 'POST' || !url.endsWith('/media')) return response.end();
    const { sha256Hash } = JSON.parse(body.toString()) as { sha256Hash: string };
    const mediaId = Buffer.from(sha256Hash, 'base64').toString('base64url').slice(0, 22);
    const uploadUrl = `${storage.url}/bucket/${mediaId}?${SIGNATURE}`;
    response.writeHead(201).end(JSON.stringify({ mediaId, uploadUrl }));
  });
  onTestFinished(async () => {
    await server.close();
    await storage.close();
  });
  return { ...startTestClient(server.url, options), server, storage };
}

function startTestClient(baseUrl: string, options: TailraceOptions): Bench {
  const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl, ...options });
  const warnings: string[] = [];
  client.on('warning', (message) => warnings.push(message));
  client.on('error', () => {});
  onTestFinished(async () => {
    await client.shutdown();
  });
  return { client, warnings };
}
