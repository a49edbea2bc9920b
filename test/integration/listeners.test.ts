/** What a program of langfuse 3 listens for: events as they begin, flushes, and all of it by '*'. */
import { type ClientListeners, Tailrace } from 'tailrace';
import { describe, expect, it } from 'vitest';
import { startClient } from '../support/clients.js';

type Heard = [kind: string, ...unknown[]];

function hear(client: Tailrace, ...kinds: (keyof ClientListeners)[]): Heard[] {
  const heard: Heard[] = [];
  for (const kind of kinds) client.on(kind, (...told: unknown[]) => void heard.push([kind, ...told]));
  return heard;
}

describe('a listener for the kind of an event', () => {
  it('gets ids, type and name in the call that makes it, and no payload', async () => {
    const { client } = await startClient();
    const heard = hear(
      client,
      'trace-create',
      'generation-create',
      'generation-update',
      'score-create',
      'span-create',
    );
    const trace = client.trace({ name: 't', input: 'secret' });
    const generation = trace.generation({ name: 'g', input: 'secret' });
    generation.update({ name: 'h', output: 'secret' });
    generation.end({ output: 'secret' });
    generation.end();
    trace.update({ name: 'u', metadata: { of: 'secret' } });
    generation.score({ id: 's', name: 'right', value: 1, comment: 'secret' });
    client.event({ name: 'nobody listens for this' });
    const ofTrace = { type: 'trace', id: trace.id, traceId: trace.id };
    const ofGeneration = { type: 'generation', id: generation.id, traceId: trace.id };
    expect(heard).toEqual([
      ['trace-create', { ...ofTrace, name: 't' }],
      ['generation-create', { ...ofGeneration, name: 'g' }],
      ['generation-update', { ...ofGeneration, name: 'h' }],
      ['generation-update', { ...ofGeneration, name: 'h' }],
      ['trace-create', { ...ofTrace, name: 'u' }],
      ['score-create', { type: 'score', id: 's', traceId: trace.id, name: 'right' }],
    ]);
  });

  it('hears of observations of every way to begin one', async () => {
    const { client } = await startClient();
    const heard = hear(client, 'span-create', 'tool-create', 'agent-create');
    client.startObservation('a').startObservation('b', {}, { asType: 'tool' });
    client.startActiveObservation('c', () => client.observe(() => 1, { name: 'd' })(), { asType: 'agent' });
    client.span({ name: 'e', traceId: 'mine' });
    expect(heard.map(([kind, event]) => `${kind} ${(event as { name: string }).name}`)).toEqual([
      'span-create a',
      'tool-create b',
      'agent-create c',
      'span-create d',
      'span-create e',
    ]);
  });

  it('hears nothing of what is not sent, nor after its end', async () => {
    const unsampled = await startClient({ sampleRate: 0 });
    const off = new Tailrace({ enabled: false });
    const { client } = await startClient();
    const stop = client.on('trace-create', () => heard.push(['stopped']));
    const heard = [unsampled.client, off].flatMap((one) =>
      hear(one, 'trace-create', 'span-create', 'score-create'),
    );
    for (const one of [unsampled.client, off]) one.trace().span().score({ name: 's', value: 1 });
    stop();
    client.trace();
    await client.shutdown();
    client.trace();
    expect(heard).toEqual([]);
  });

  it('that throws, or traces itself, costs nothing but one warning', async () => {
    const { client, warnings, spans } = await startClient();
    let calls = 0;
    client.on('span-create', () => {
      calls++;
      client.span({ name: 'of the listener' }).end();
      throw new Error('of the listener');
    });
    client.span({ name: 'a' }).end();
    client.span({ name: 'b' }).end();
    await client.flush();
    expect(calls).toBe(2);
    expect(spans()).toHaveLength(4);
    expect(warnings).toEqual([`a listener for 'span-create' threw: of the listener`]);
  });
});

describe('a listener for flushes', () => {
  it('gets the counts after each', async () => {
    const { client } = await startClient();
    const heard = hear(client, 'flush');
    client.trace();
    const counts = await client.flush();
    client.flushSync();
    await client.flushAsync();
    await client.shutdown();
    expect(heard).toHaveLength(4);
    expect(heard[0]).toEqual(['flush', counts]);
    expect(counts.sent).toBe(1);
  });
});

describe("a listener for '*'", () => {
  it('gets the kind first, also of messages, which are written all the same', async () => {
    const lines: string[] = [];
    const logger = { warn: (line: string) => lines.push(line) };
    const client = new Tailrace({ enabled: false, logger, tags: 'one' as never });
    const heard = hear(client, '*');
    await client.flush();
    const { client: other } = await startClient();
    const all = hear(other, '*');
    other.trace({ name: 't' }).event({ name: 'e' });
    await other.flush();
    expect(heard.map(([, kind]) => kind)).toEqual(['warning', 'flush']);
    expect(heard[0]?.[2]).toMatch(/^option tags must be/);
    expect(lines).toHaveLength(1);
    expect(all.map(([, kind]) => kind)).toEqual(['trace-create', 'event-create', 'flush']);
  });
});

it('a kind that never comes is named in one warning, with those that do', async () => {
  const { client, warnings } = await startClient();
  client.on('retry' as 'flush', () => {});
  client.on('retry' as 'flush', () => {});
  client.on('flush', undefined as never);
  expect(warnings).toEqual([
    `on() takes one of error, drop, warning, highWater, debug, flush, trace-create, score-create, span-create, span-update (and those of the other types), *, and a function, but got: "retry", function`,
    expect.stringMatching(/but got: "flush", undefined$/),
  ]);
});
