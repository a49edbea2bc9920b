/** Values are frozen when they are handed over: what an application does to them afterwards does not show. */

import { inspect } from 'node:util';
import {
  observe,
  propagateAttributes,
  startActiveObservation,
  startObservation,
  updateActiveObservation,
  updateActiveTrace,
} from 'tailrace';
import { describe, expect, it } from 'vitest';
import { startClient } from '../support/clients.js';

const LONG = 'long enough to be kept beside its place '.repeat(5);

/** A value of every shape that can be changed, and what changes all of it. */
function changeable() {
  const inner = { text: LONG, list: [1] };
  const value = {
    inner,
    map: new Map([['k', [LONG]]]),
    set: new Set([inner]),
    bytes: new Uint8Array([1]),
    at: new Date(0),
  };
  const change = (): void => {
    inner.text = 'CHANGED';
    inner.list.push(2);
    value.map.set('k', ['CHANGED']);
    value.set.add({ text: 'CHANGED', list: [] });
    value.bytes[0] = 77;
    value.at.setTime(1);
    Object.assign(value, { added: 'CHANGED' });
  };
  return { value, change };
}

/** Whatever was changed would show as one of these. */
const CHANGED = /CHANGED|\[77\]|\[1,2\]|00\.001Z|98765432123/;

describe('what is handed over', () => {
  it('by the object style', async () => {
    const { client, spans, scores } = await startClient();
    const { value, change } = changeable();
    const tags = ['before'];
    const usage = { input: 1, promptTokens: 1, totalCost: 0.5 };
    const details = { input: 1, prompt_tokens_details: { cached: 1 } };
    const prompt = { name: 'before', version: 1 };
    const times = { start: new Date(10_000), end: new Date(20_000), first: [15, 0] as [number, number] };
    const body = { name: 'body', input: value, tags };

    const trace = client.trace(body);
    trace.update({ output: value, metadata: value });
    const generation = trace.generation({ name: 'g', input: value, metadata: value, startTime: times.start });
    generation.update({
      output: value,
      modelParameters: value,
      usage,
      prompt,
      completionStartTime: times.first,
    });
    const other = trace.generation({ name: 'o', usageDetails: details, costDetails: usage });
    const event = trace.event({ name: 'e', input: value, startTime: times.start });
    trace.score({ name: 's', value: 1, metadata: value, timestamp: times.start });
    generation.end({ endTime: times.end, statusMessage: 'before' });
    change();
    tags.push('CHANGED');
    Object.assign(usage, { input: 98765432123, promptTokens: 98765432123, totalCost: 98765432123 });
    Object.assign(details, { input: 98765432123 });
    details.prompt_tokens_details.cached = 98765432123;
    Object.assign(prompt, { name: 'CHANGED', version: 98765432123 });
    times.first[0] = 98765432123;
    for (const time of [times.start, times.end]) time.setTime(98765432123);
    Object.assign(body, { name: 'CHANGED' });
    other.end();
    trace.update({ public: true });
    await client.flush();

    expect(event.traceId).toBe(trace.id);
    expect(
      spans()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['body', 'e', 'g', 'o']);
    expect(JSON.stringify([spans(), scores()])).not.toMatch(CHANGED);
    expect(JSON.stringify(spans())).toContain(LONG);
  });

  it('by the functional style', async () => {
    const { client, spans } = await startClient();
    const { value, change } = changeable();
    const tags = ['before'];
    const metadata = { kept: 'before' };
    propagateAttributes({ tags, metadata }, () => {
      startActiveObservation('active', () => {
        updateActiveObservation({ input: value });
        updateActiveTrace({ output: value });
        const started = startObservation('started', { input: value, metadata: value });
        change();
        tags.push('CHANGED');
        metadata.kept = 'CHANGED';
        startObservation('afterwards').end();
        startObservation(
          'of a new trace',
          {},
          { parent: { traceId: '1'.repeat(32), spanId: '1'.repeat(16) } },
        ).end();
        started.end();
      });
    });
    await client.flush();
    expect(
      spans()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['active', 'afterwards', 'of a new trace', 'started']);
    expect(JSON.stringify(spans())).not.toMatch(CHANGED);
  });

  it('to an observed function, and what it returns and yields', async () => {
    const { client, spans } = await startClient();
    const { value, change } = changeable();
    const args: unknown[] = [];
    observe((given: typeof value) => args.push(given) && change(), { name: 'argument' })(value);
    observe((...given: unknown[]) => given.splice(0, 2, 'CHANGED'), {
      name: 'arguments',
      captureOutput: false,
    })('a', 'b');
    const result = changeable();
    observe(() => result.value, { name: 'result' })();
    result.change();
    const later = changeable();
    await observe(async () => later.value, { name: 'promised' })();
    later.change();
    const chunk = { text: 'first', list: [1] };
    function* chunks(): Generator<typeof chunk> {
      yield chunk;
      chunk.text = 'second';
      yield chunk;
    }
    const yielded: unknown[] = [];
    for (const one of observe(chunks)()) {
      yielded.push(one);
      if (yielded.length === 2) one.text = 'CHANGED';
    }
    await client.flush();
    expect(
      spans()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['argument', 'arguments', 'chunks', 'promised', 'result']);
    expect(JSON.stringify(spans())).not.toMatch(CHANGED);
    const output = spans().find(({ name }) => name === 'chunks')?.attributes['langfuse.observation.output'];
    expect(JSON.parse(output as string).map(({ text }: typeof chunk) => text)).toEqual(['first', 'second']);
  });
});

it('a handle on the console shows its ids, and no payload', async () => {
  const { client } = await startClient();
  const trace = client.trace({ name: 't', input: 'secret input' });
  const shown = inspect([trace, trace.span({ name: 's', input: 'secret input' }), client], { depth: 9 });
  expect(shown).toContain(trace.id);
  for (const leak of ['secret', 'Buffer', Buffer.from('secret').toString('hex', 0, 3)])
    expect(shown).not.toContain(leak);
});
