import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { afterEach, describe, expect, it } from 'vitest';
// A worker thread loads built JavaScript: `npm test` builds before it runs this.
import { startReceiverThread } from '../../dist/receiver/thread/receiver-thread.js';
import type { Receiver } from '../../src/receiver/receiver.js';
import { call, otelSpan, postProtobuf } from '../unit/receiver/helpers.js';

describe('the receiver in a thread of its own', () => {
  let receiver: Receiver | undefined;
  afterEach(() => receiver?.close());

  it('answers while the thread that started it is busy', async () => {
    receiver = await startReceiverThread({ port: 0 });
    const body = ProtobufTraceSerializer.serializeRequest([otelSpan()]) as Uint8Array;
    expect((await postProtobuf(receiver.url, body)).status).toBe(200);
    expect(await receiver.counts()).toMatchObject({ traces: 1, observations: 1 });
  });

  it('says why it cannot start', async () => {
    receiver = await startReceiverThread({ port: 0 });
    await expect(startReceiverThread({ port: receiver.port })).rejects.toThrow(/in use.*--port/);
    await expect(startReceiverThread({ host: '192.0.2.1' })).rejects.toThrow(/loopback/);
  });

  it('runs without the preloads of the application', async () => {
    const before = process.env.NODE_OPTIONS;
    process.env.NODE_OPTIONS = '--import ./does-not-exist.mjs';
    try {
      receiver = await startReceiverThread({ port: 0 });
      expect((await call(`${receiver.url}/api/public/health`)).status).toBe(200);
    } finally {
      if (before === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = before;
    }
  });

  it('ends with close, which may be called again, and then refuses', async () => {
    receiver = await startReceiverThread({ port: 0 });
    const { url } = receiver;
    await Promise.all([receiver.close(), receiver.close()]);
    await expect(receiver.counts()).rejects.toThrow(/closed/);
    await expect(call(url)).rejects.toThrow();
  });

  it('leaves no call hanging when its thread dies', async () => {
    const created = once(process, 'worker');
    receiver = await startReceiverThread({ port: 0 });
    const [worker] = (await created) as [Worker];
    // While it has nothing to do: a thread that ends in the middle of the SQLite addon takes the process with it.
    const ended = worker.terminate();
    const calls = Array.from({ length: 50 }, () => receiver?.counts());
    await ended;
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    await expect(receiver.counts()).rejects.toThrow(/ended/);
    await receiver.close();
  });
});
