/** The model of a Langfuse server: what becomes of a span's metadata and of its fields. */
import { describe, expect, it } from 'vitest';
import { decodeOtlp, serverOf } from '../../support/langfuse-server/index.js';
import { otlpRequest, TRACE } from '../../support/langfuse-server/requests.js';
import { child, observationOf, ROOT, span, tracesOf, whyOf } from '../../support/langfuse-server/spans.js';

describe('metadata', () => {
  const TEXT = 'dropped: no object, and no JSON of one';

  it.each([
    ['text', '"text"', TEXT],
    ['a number', 7, TEXT],
    ['a truth value', true, TEXT],
    ['no JSON', '{', TEXT],
    ['an empty text', '', 'dropped: it is empty'],
  ])('that is %s is dropped over OTLP', (_, value, why) => {
    for (const version of [3, 4] as const) {
      const server = serverOf(version, [otlpRequest([span({ 'langfuse.trace.metadata': value })])]);
      expect(Object.keys(server.traces.get(TRACE)?.metadata ?? {}).join()).toMatch(/^scope|^resource/);
      expect(whyOf(server, 'trace metadata')).toEqual([why]);
    }
  });

  it('that is a list becomes an object of its indices over OTLP', () => {
    const server = serverOf(3, [otlpRequest([span({ 'langfuse.trace.metadata': '["a"]' })])]);
    expect(server.traces.get(TRACE)?.metadata).toMatchObject({ 0: 'a' });
    expect(whyOf(server, 'trace metadata')).toEqual(['a list: its indices become keys']);
  });

  it('goes by key: text for each on 3, flattened on 4', () => {
    const deep = span({
      'langfuse.trace.metadata': '{"a":{"b":[1],"c":null},"n":1}',
      'langfuse.trace.metadata.k': 'v',
    });
    expect(tracesOf(3, [deep])?.metadata).toMatchObject({ a: '{"b":[1],"c":null}', n: '1', k: 'v' });
    expect(tracesOf(4, [deep])?.metadata).toMatchObject({ 'a.b': '[1]', 'a.c': '', n: '1', k: 'v' });
  });

  it('is merged deeply on 3; on 4 it is that of the root which arrived last', () => {
    const requests = [
      [span({ 'langfuse.trace.metadata': '{"a":{"x":1,"l":[1,2]},"k":1}' })],
      [child({ 'langfuse.trace.metadata': '{"a":{"y":2,"l":[3]}}' }, { startMs: 1 })],
    ];
    const a = (text: string | undefined) => JSON.parse(text as string);
    expect(a(tracesOf(3, ...requests)?.metadata.a)).toEqual({ x: 1, y: 2, l: [3, 2] });
    expect(tracesOf(4, ...requests)?.metadata).toMatchObject({ 'a.x': '1', 'a.l': '[1,2]', k: '1' });
    expect(tracesOf(4, ...requests)?.metadata).not.toHaveProperty('a.y');
  });

  it('whose paths come out the same keeps the first of them, on 4', () => {
    const metadata = { 'langfuse.trace.metadata': '{"a":{"b":1},"a.b":2}' };
    expect(tracesOf(4, [span(metadata)])?.metadata['a.b']).toBe('1');
  });

  it('of a scope that is not Langfuse’s holds the attributes, but for those that are stored elsewhere', () => {
    const attributes = {
      'langfuse.observation.input': 'in',
      'langfuse.observation.metadata.k': 'v',
      other: 1,
    };
    for (const version of [3, 4] as const) {
      const server = serverOf(version, [otlpRequest([span(attributes)], { scope: 'mine' })]);
      const { metadata } = server.observations.get(ROOT) ?? {};
      expect(
        version === 3 ? JSON.parse(metadata?.attributes as string) : metadata?.['attributes.other'],
      ).toEqual(version === 3 ? { other: '1' } : '1');
      expect(whyOf(server, 'metadata.attributes')).toHaveLength(1);
      expect(whyOf(serverOf(version, [otlpRequest([span(attributes)])]), 'metadata.attributes')).toEqual([]);
    }
  });
});

describe('an observation of a span', () => {
  const prompt = (version: unknown, type = 'generation') => ({
    'langfuse.observation.type': type,
    'langfuse.observation.prompt.name': 'p',
    'langfuse.observation.prompt.version': version,
  });

  it('with the version of its prompt as text is dropped on 3', () => {
    const requests = [otlpRequest([span(prompt('7'))])];
    expect(serverOf(3, requests).observations.size).toBe(0);
    expect(serverOf(3, requests).dropped).toMatchObject([
      { id: ROOT, type: 'generation-create', status: 400 },
    ]);
    expect(serverOf(4, requests).observations.get(ROOT)).toMatchObject({ promptName: 'p', promptVersion: 7 });
  });

  it('has a prompt if it is a generation', () => {
    for (const version of [3, 4] as const) {
      expect(observationOf(version, prompt(7))).toMatchObject({ promptName: 'p', promptVersion: 7 });
      const tool = serverOf(version, [otlpRequest([span(prompt(7, 'tool'))])]);
      expect(tool.observations.get(ROOT)).toMatchObject({
        type: 'TOOL',
        promptName: null,
        promptVersion: null,
      });
      expect(whyOf(tool, 'prompt')).toEqual(['dropped: not a generation']);
    }
  });

  it('keeps of its usage what is a count', () => {
    const usage = { input: 1, text: '2', none: null, less: -1, half: 0.5, nested: { a: 1 }, words: 'x' };
    const attributes = {
      'langfuse.observation.type': 'generation',
      'langfuse.observation.usage_details': JSON.stringify(usage),
    };
    for (const version of [3, 4] as const) {
      const server = serverOf(version, [otlpRequest([span(attributes)])]);
      expect(server.observations.get(ROOT)?.usageDetails).toEqual({ input: 1, text: 2 });
      expect(whyOf(server, 'usageDetails')).toEqual([
        'stored without or otherwise: text, none, less, half, nested, words',
      ]);
    }
  });

  it('has the parts of OpenAI’s usage taken out of their whole', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 4,
      total_tokens: 14,
      prompt_tokens_details: { cached_tokens: 6 },
    };
    const attributes = {
      'langfuse.observation.type': 'generation',
      'langfuse.observation.usage_details': JSON.stringify(usage),
    };
    expect(observationOf(3, attributes)?.usageDetails).toEqual({
      input: 4,
      input_cached_tokens: 6,
      output: 4,
      total: 14,
    });
  });

  it('is merged with what is stored, on 3, and replaced on 4', () => {
    const requests = [
      otlpRequest([span({ 'langfuse.observation.output': 'out', 'langfuse.observation.metadata.a': '1' })]),
      otlpRequest([span({ 'langfuse.observation.input': 'in', 'langfuse.observation.metadata.b': '2' })]),
    ];
    const [three, four] = ([3, 4] as const).map((version) =>
      serverOf(version, requests).observations.get(ROOT),
    );
    expect(three).toMatchObject({ input: 'in', output: 'out', metadata: { a: '1', b: '2' } });
    expect(four).toMatchObject({ input: 'in', output: null, metadata: { b: '2' } });
    expect(four?.metadata).not.toHaveProperty('a');
  });

  it.each([
    ['Langfuse_Prod', 'prod'],
    ['langfuselangfuse-x', 'x'],
    ['with space', 'default'],
    ['e'.repeat(50), 'e'.repeat(40)],
  ])('in the environment %s is in %s', (given, stored) => {
    for (const version of [3, 4] as const) {
      const server = serverOf(version, [otlpRequest([span({ 'langfuse.environment': given })])]);
      expect(server.observations.get(ROOT)?.environment).toBe(stored);
      expect(whyOf(server, 'environment')).toEqual([`normalised to ${stored}`]);
    }
  });

  it('in no environment is in the default one', () => {
    expect(observationOf(3, {})?.environment).toBe('default');
    expect(observationOf(4, {})?.environment).toBe('default');
  });
});

describe('attributes', () => {
  it('have the types that they had on the wire', () => {
    const attributes = { text: '1', truth: true, int: 1, double: 0.5, list: ['a'], empty: [] };
    const [decoded] = decodeOtlp(otlpRequest([span(attributes)]));
    const types = [...(decoded?.attributes ?? [])].map(([key, { type }]) => [key, type]);
    expect(Object.fromEntries(types)).toEqual({
      text: 'string',
      truth: 'bool',
      int: 'int',
      double: 'double',
      list: 'string[]',
      empty: '[]',
    });
  });
});
