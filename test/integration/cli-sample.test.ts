/** What the sample agent leaves in the receiver: the same each time but for ids and dates. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONVERSATION_INTERVAL_MS, runSampleAgent } from '../../dist/cli/sample/agent.js';
import { Tailrace } from '../../dist/index.js';
import { type Receiver, startReceiver } from '../../dist/receiver/receiver.js';

interface Stored {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly level: string;
  readonly statusMessage: string | null;
  readonly startTime: string;
  readonly endTime: string | null;
  readonly input: unknown;
  readonly output: unknown;
  readonly parentObservationId: string | null;
}

interface StoredTrace {
  readonly timestamp: string;
  readonly metadata: { readonly conversationId: string };
  readonly input: unknown;
  readonly output: unknown;
  readonly observations: readonly Stored[];
}

let receivers: Receiver[];
let runs: StoredTrace[][];

beforeAll(async () => {
  receivers = [await startReceiver({ port: 0 }), await startReceiver({ port: 0 })];
  runs = await Promise.all(receivers.map(runOnce));
});
afterAll(() => Promise.all(receivers.map((receiver) => receiver.close())));

async function runOnce({ url }: Receiver): Promise<StoredTrace[]> {
  const client = new Tailrace({ baseUrl: url, publicKey: 'pk', secretKey: 'sk' });
  runSampleAgent(client);
  await client.shutdown();
  const { data } = (await get(url, '/api/public/traces?limit=100')) as { data: { id: string }[] };
  const traces = await Promise.all(data.map(({ id }) => get(url, `/api/public/traces/${id}`)));
  return (traces as StoredTrace[]).sort((a, b) => Date.parse(a.timestamp) - Date.parse(b.timestamp));
}

async function get(url: string, path: string): Promise<unknown> {
  const authorization = `Basic ${Buffer.from('pk:sk').toString('base64')}`;
  return (await fetch(url + path, { headers: { authorization } })).json();
}

/** All but ids and the date, with times counted from the start of the trace. */
function outline({ timestamp, metadata, input, output, observations }: StoredTrace) {
  const names = new Map(observations.map(({ id, name }) => [id, name]));
  const since = (time: string) => Date.parse(time) - Date.parse(timestamp);
  const steps = observations.map((one) => ({
    step: `${one.type} ${one.name} ${one.level} ${one.statusMessage ?? ''}`,
    inside: names.get(one.parentObservationId ?? ''),
    startMs: since(one.startTime),
    endMs: one.endTime && since(one.endTime),
    input: one.input,
    output: one.output,
  }));
  const order = (step: (typeof steps)[number]) => `${String(step.startMs).padStart(9, '0')} ${step.step}`;
  steps.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return { conversation: metadata.conversationId, input, output, steps };
}

describe('the sample agent', () => {
  it('does the same each time', () => {
    const [first, second] = runs.map((traces) => traces.map(outline));
    expect(first).toHaveLength(10);
    expect(second).toEqual(first);
  });

  it('works before now, one customer after the other', () => {
    const times = runs[0]!.map(({ timestamp, observations }) => ({
      start: Date.parse(timestamp),
      // An event has no end.
      end: Math.max(...observations.map(({ startTime, endTime }) => Date.parse(endTime ?? startTime))),
    }));
    for (const [index, { start, end }] of times.entries()) {
      expect(end - start).toBeLessThan(CONVERSATION_INTERVAL_MS);
      expect(end).toBeLessThanOrEqual(times[index + 1]?.start ?? Date.now());
    }
  });

  it('shows a tool that fails and an agent that recovers', () => {
    const observations = runs[0]!.flatMap((trace) => trace.observations);
    const failures = observations.filter(({ level }) => level === 'ERROR');
    expect(failures.map(({ type, name }) => `${type} ${name}`)).toEqual(
      expect.arrayContaining(['TOOL shipping_status', 'TOOL lookup_order']),
    );
    for (const { statusMessage } of failures) expect(statusMessage).toBeTruthy();
    const agents = observations.filter(({ type }) => type === 'AGENT');
    expect(agents.every(({ level, output }) => level === 'DEFAULT' && output !== null)).toBe(true);
    expect(observations.some(({ level }) => level === 'WARNING')).toBe(true);
  });

  it('keeps card numbers out of the trace', () => {
    expect(JSON.stringify(runs)).toContain('[card number]');
    expect(JSON.stringify(runs)).not.toContain('4000 0000');
  });
});
