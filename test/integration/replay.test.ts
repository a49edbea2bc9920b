/** A replay at full speed: a worker that dies on the way loses nothing, and memory does not grow with its length. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Tailrace } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { replayFile } from '../../dist/cli/replay/replay.js';
import { startReceiver } from '../../src/receiver/receiver.js';
import { VERSION } from '../../src/shared/version.js';
import { asLangfuse } from '../support/clients.js';
import { startSink } from '../support/sink.js';

const MEGABYTE = 1e6;

/** Conversations of the size of real ones: each generation's input is all that was said before it. */
function writeConversations(count: number): string {
  const directory = mkdtempSync(join(tmpdir(), 'tailrace-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const lines = Array.from({ length: count }, (_, i) => {
    const messages: object[] = [{ role: 'system', content: `policy ${i} `.repeat(400) }];
    for (let turn = 0; turn < 10; turn++) {
      messages.push({ role: 'user', content: `question ${turn}` });
      const call = {
        id: `call-${turn}`,
        type: 'function',
        function: { name: 'look_up', arguments: '{"id":1}' },
      };
      messages.push({ role: 'assistant', content: null, tool_calls: [call] });
      messages.push({ role: 'tool', tool_call_id: `call-${turn}`, content: '{"found":true}' });
      messages.push({ role: 'assistant', content: `answer ${turn}` });
    }
    return JSON.stringify({
      id: `c-${i}`,
      model: 'gpt-4o',
      messages,
      scores: [{ name: 'reward', value: i % 2 }],
    });
  });
  const file = join(directory, 'conversations.jsonl');
  writeFileSync(file, lines.join('\n'));
  return file;
}

describe('a replay', () => {
  it('loses nothing when the worker dies in the middle of it, again and again', async () => {
    const receiver = await startReceiver({ port: 0 });
    // Taken from the end. Their sum is less than the records of the replay, so all of them are lived.
    const lives = [200, 290, 450, 380, 150];
    const livesLeft = new Int32Array(new SharedArrayBuffer(4)).fill(lives.length);
    const langfuse = { baseUrl: receiver.url, publicKey: 'pk', secretKey: 'sk', sdkVersion: VERSION };
    const url = new URL('../support/dying-langfuse-exporter.mjs', import.meta.url);
    const client = new Tailrace({ exporter: { url, options: { langfuse, lives, livesLeft } } });
    const warnings: string[] = [];
    client.on('warning', (message) => warnings.push(message));

    const { tally } = await replayFile(client as never, writeConversations(50), { name: 'replay' });
    expect(await client.shutdown()).toMatchObject({
      accepted: 50 * (1 + 20 + 10 + 1),
      sent: 50 * (1 + 20 + 10 + 1),
      failed: 0,
      dropped: { total: 0 },
    });
    expect(warnings.filter((message) => message.includes('starting another'))).toHaveLength(lives.length);
    expect(tally.traces).toBe(50);
    expect(await receiver.counts()).toEqual({
      traces: 50,
      observations: 50 * 30,
      observationsByType: { generation: 50 * 20, tool: 50 * 10 },
      scores: 50,
      scoreMeans: { reward: 0.5 },
    });
    await receiver.close();
  });

  it('of 10,000 traces does not grow the heap of the main thread with its length', async () => {
    let spans = 0;
    const sink = await startSink((request, response, index) => {
      if (request.url.endsWith('/traces')) spans += countSpans(request.body);
      sink.requests.length = 0;
      asLangfuse(request, response, index);
    });
    const child = join(import.meta.dirname, '../support/replay-memory.mjs');
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', child, sink.url, writeConversations(50), '20', '200'],
      { timeout: 500_000 },
    );
    await sink.close();
    const { traces, heapBytes, ...counts } = JSON.parse(stdout);
    const events = 220 * 50 * (1 + 20 + 10 + 1);
    expect(traces).toEqual([1000, 10_000]);
    expect(counts).toEqual({ accepted: events, sent: events, failed: 0, dropped: 0 });
    expect(spans).toBe(events - 220 * 50);
    expect(heapBytes[1] - heapBytes[0]).toBeLessThan(5 * MEGABYTE);
  }, 600_000);
});

/** Spans of an OTLP request: the fields 2 in the field 2 in its field 1, by their lengths alone. */
function countSpans(body: Buffer): number {
  const isField = (tag: number, field: number): boolean => tag === ((field << 3) | 2);
  let count = 0;
  for (const [tag, resourceSpans] of fieldsOf(body)) {
    if (!isField(tag, 1)) continue;
    for (const [inner, scopeSpans] of fieldsOf(resourceSpans)) {
      if (!isField(inner, 2)) continue;
      for (const [innermost] of fieldsOf(scopeSpans)) if (isField(innermost, 2)) count++;
    }
  }
  return count;
}

function* fieldsOf(message: Buffer): Generator<[tag: number, payload: Buffer]> {
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[position++] as number;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (position < message.byteLength) {
    const tag = varint();
    const length = varint();
    yield [tag, message.subarray(position, position + length)];
    position += length;
  }
}
