/** The receiver makes of what a client sends what the model of the Langfuse server makes of it, and has nothing to complain of. */
import fc from 'fast-check';
import { Tailrace } from 'tailrace';
import { describe, expect, it } from 'vitest';
import { startReceiver } from '../../src/receiver/receiver.js';
import type { Protocol } from '../../src/shared/langfuse-options.js';
import { type CapturedRequest, serverOf, startCapture } from '../support/langfuse-server/index.js';
import { storedTrace } from '../support/stored.js';
import { type Program, program, run } from '../support/trace-programs.js';

const RUNS = Number(process.env.TAILRACE_FUZZ_RUNS ?? 15);
const SEED = Number(process.env.TAILRACE_FUZZ_SEED ?? 17);

async function requestsOf(protocol: Protocol, one: Program) {
  const capture = await startCapture({ version: 3 });
  const options = {
    publicKey: 'pk',
    secretKey: 'sk',
    baseUrl: capture.url,
    protocol,
    compression: 'none',
  } as const;
  const client = new Tailrace({ ...options, flushAt: one.flushAt, maxInFlight: 1, environment: 'test' });
  client.on('warning', () => {});
  try {
    const ids = await run(one, client);
    await client.shutdown();
    return { ids: [...ids.values()], requests: capture.requests };
  } finally {
    await client.shutdown();
    await capture.close();
  }
}

async function replay(url: string, requests: readonly CapturedRequest[]): Promise<void> {
  for (const { path, headers, body } of requests) {
    const { 'content-type': type = '' } = headers;
    const answer = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': String(type), authorization: `Basic ${btoa('pk:sk')}` },
      body: new Uint8Array(body),
    });
    expect(answer.status).toBeLessThan(300);
  }
}

describe.each(['otel', 'ingestion'] as const)('over %s', (protocol) => {
  it('the receiver stores what Langfuse 3 stores, and complains of nothing', async () => {
    await fc.assert(
      fc.asyncProperty(program, async (one) => {
        const { ids, requests } = await requestsOf(protocol, one);
        const receiver = await startReceiver({ port: 0 });
        try {
          await replay(receiver.url, requests);
          const server = serverOf(3, requests);
          for (const id of ids) {
            const { name, userId, sessionId, version, release, environment, tags, timestamp } =
              server.traces.get(id) ?? {};
            const stored = await storedTrace(receiver.url, id);
            const fields = { name, userId, sessionId, version, release, environment, timestamp };
            expect(stored).toMatchObject({ ...fields, public: server.traces.get(id)?.public });
            expect([...(stored.tags as string[])].sort()).toEqual(tags);
          }
          // Where servers of Langfuse 3 and 4 differ is no fault of what was sent: once public, tags that are united.
          const { complaints } = await receiver.complaints();
          expect(complaints.filter(({ severity }) => severity !== 'disagreement')).toEqual([]);
        } finally {
          await receiver.close();
        }
      }),
      { numRuns: RUNS, seed: SEED, includeErrorInReport: true, interruptAfterTimeLimit: 60_000 },
    );
  }, 120_000);
});
