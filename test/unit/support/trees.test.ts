/** Trees of a receiver, and their differences. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Receiver } from '../../../src/receiver/receiver.js';
import { fill } from '../../support/receiver-data.js';
import { type Receiving, receiveHere, runProgramFile } from '../../support/receiving.js';
import { differences, expectDifferences, expectReasonsIn } from '../../support/tree-differences.js';
import { readTrees, type Tree } from '../../support/trees.js';
import { baseMs, ingestionEvent, postJson, traceA } from '../receiver/helpers.js';

let receiving: Receiving;
beforeAll(async () => {
  receiving = await receiveHere();
});
afterAll(() => receiving.stop());
beforeEach(() => receiving.clear());

const iso = (ms: number) => new Date(baseMs + ms).toISOString();
const send = (...batch: object[]) => postJson(`${receiving.url}/api/public/ingestion`, { batch });

describe('readTrees', () => {
  it('has all that is stored, nested, without ids and without what is empty', async () => {
    await fill({ url: receiving.url, usage: async () => ({}) } as unknown as Receiver);
    const trees = await receiving.trees();
    expect(trees.map(({ name, nodes }) => [name, nodes.length])).toEqual([
      ['chat', 2],
      [undefined, 1],
      ['otel root', 1],
      [undefined, 1],
    ]);
    expect(trees[0]).toEqual({
      name: 'chat',
      userId: 'ada',
      sessionId: 's1',
      tags: ['a', 'b,c', 'ü'],
      metadata: expect.objectContaining({ tier: 'gold', nested: { deep: [1] } }),
      input: { q: 1 },
      output: 'text',
      version: 'v1',
      release: 'r1',
      environment: 'prod',
      public: true,
      nodes: [
        {
          type: 'SPAN',
          name: 'root',
          metadata: { step: 'one' },
          environment: 'default',
          children: [
            {
              type: 'GENERATION',
              name: 'answer',
              level: 'WARNING',
              statusMessage: 'slow',
              model: 'gpt-4o',
              modelParameters: { temperature: 0.5 },
              usageDetails: { input: 10, input_cached: 5, output: 20, total: 35 },
              promptName: 'greet',
              promptVersion: 3,
              input: [{ role: 'user', content: 'Needle in the hay' }],
              output: 'yes',
              version: 'v2',
              hasCompletionStart: true,
            },
          ],
        },
        { type: 'EVENT', name: 'click', environment: 'default' },
      ],
    });
    expect(trees[2]?.nodes).toEqual([
      { type: 'SPAN', name: 'otel root', children: [expect.objectContaining({ type: 'TOOL' })] },
    ]);
  });

  it('orders children by start, then by arrival', async () => {
    const at = (ms: number, name: string) =>
      ingestionEvent('event-create', { id: name, traceId: 't', name, startTime: iso(ms) });
    await send(at(2, 'late'), at(1, 'b'), at(1, 'a'));
    const [tree] = await receiving.trees();
    expect(tree?.nodes.map(({ name }) => name)).toEqual(['b', 'a', 'late']);
  });

  it('says which times are not in order, and who has no parent', async () => {
    const span = (id: string, parent: string | null, start: number, end?: number, first?: number) =>
      ingestionEvent('generation-create', {
        id,
        traceId: 't',
        parentObservationId: parent,
        name: id,
        startTime: iso(start),
        ...(end !== undefined && { endTime: iso(end) }),
        ...(first !== undefined && { completionStartTime: iso(first) }),
      });
    await send(span('root', null, 10, 20, 10), span('early', 'root', 9, 21), span('lost', 'nobody', 30));
    await send(span('first', 'root', 15, 17, 14), span('last', 'root', 15, 17, 18));
    const [root, lost] = (await receiving.trees())[0]?.nodes ?? [];
    expect(root).not.toHaveProperty('wrongTimes');
    expect(root?.children?.map(({ name, wrongTimes }) => [name, ...(wrongTimes ?? [])])).toEqual([
      ['early', 'starts before its parent', 'ends after its parent'],
      ['first', 'completion starts before it starts'],
      ['last', 'completion starts after its end'],
    ]);
    expect(lost).toMatchObject({ isOrphan: true, wrongTimes: ['has no end'] });
  });

  it('replaces ids in texts and keys', async () => {
    const uuid = '5F0c6a2e-1111-4222-8333-0123456789ab';
    const id = 'b7ad6b7169203331';
    await send(
      ingestionEvent('trace-create', { id: traceA, name: 'n', input: [`run ${uuid}`, `in ${traceA}`] }),
      ingestionEvent('event-create', { id, traceId: traceA, metadata: { [`of ${uuid}`]: id } }),
    );
    const [tree] = await receiving.trees();
    expect(tree?.input).toEqual(['run <uuid>', 'in <trace id>']);
    expect(tree?.nodes[0]?.metadata).toEqual({ 'of <uuid>': '<observation id>' });
  });

  it('leaves out usage and cost that the receiver has estimated', async () => {
    await send(
      ingestionEvent('generation-create', {
        id: 'g',
        traceId: 't',
        model: 'gpt-4o',
        input: 'hello',
        output: 'hello',
        startTime: iso(0),
        endTime: iso(1),
      }),
    );
    await expect
      .poll(async () => {
        const response = await fetch(`${receiving.url}/api/public/observations`, {
          headers: { authorization: `Basic ${btoa('pk:sk')}` },
        });
        return Object.keys(
          ((await response.json()) as { data: [{ usageDetails: object }] }).data[0].usageDetails,
        );
      })
      .toContain('output');
    expect((await readTrees(receiving))[0]?.nodes[0]).not.toHaveProperty('usageDetails');
  });
});

describe('differences', () => {
  const tree = (fields: object = {}, ...nodes: object[]) =>
    ({ name: 'chat', nodes, ...fields }) as unknown as Tree;
  const node = (name: string, fields: object = {}, ...children: object[]) => ({
    type: 'SPAN',
    name,
    ...fields,
    ...(children.length > 0 && { children }),
  });
  const patterns = (ours: Tree[], theirs: Tree[], ignore?: string[]) =>
    differences(ours, theirs, { ignore }).map(({ pattern }) => pattern);

  it('are none between equal trees, however siblings of different names are ordered', () => {
    const ours = tree({}, node('a'), node('b', { input: 1 }));
    expect(patterns([ours], [tree({}, node('b', { input: 1 }), node('a'))])).toEqual([]);
  });

  it('have paths of names and keys, without indexes in patterns', () => {
    const ours = tree({ userId: 'ada' }, node('a', {}, node('x', { input: [1, { 'k/l': [2] }] })));
    const theirs = tree({}, node('a', {}, node('x', { input: [1, { 'k/l': [3] }] })));
    expect(differences([ours], [theirs])).toEqual([
      { pattern: 'chat: userId', line: 'chat: userId · ours: "ada" · theirs: nothing' },
      {
        pattern: 'chat/a/x: input/[]/k∕l/[]',
        line: 'chat/a/x: input/[1]/k∕l/[0] · ours: 2 · theirs: 3',
      },
    ]);
  });

  it('tell siblings of one name apart in the line alone', () => {
    const of = (...inputs: unknown[]) => tree({}, ...inputs.map((input) => node('a', { input })));
    expect(differences([of(1, 2)], [of(1, 3)])).toEqual([
      { pattern: 'chat/a: input', line: 'chat/a[1]: input · ours: 2 · theirs: 3' },
    ]);
  });

  it('are a missing observation or trace as a whole, and a different name as such', () => {
    const ours = [tree({}, node('a', {}, node('inner'))), tree({ name: 'second' })];
    expect(differences(ours, [tree({}, node('a'))]).map(({ line }) => line)).toEqual([
      'chat/a/inner · ours: "SPAN with 0 inside" · theirs: nothing',
      'second · ours: "trace with 0 inside" · theirs: nothing',
    ]);
    expect(patterns([tree({}, node('a'))], [tree({}, node('b'))])).toEqual(['chat/a: name']);
  });

  it('do not count where they are ignored', () => {
    const ours = tree({}, node('a', { metadata: { x: 1, y: 2 } }));
    expect(patterns([ours], [tree({}, node('a', { metadata: {} }))], ['**: metadata/x'])).toEqual([
      'chat/a: metadata/y',
    ]);
  });

  it('fail if one is not expected, or expected and not there', () => {
    const ours = tree({ userId: 'ada' }, node('a, b', { input: 1 }));
    const theirs = tree({}, node('a, b'));
    const table = [
      ['chat: userId', 'they have no users'],
      [['**: {input,output}'], 'they have no input'],
    ] as const;
    expectDifferences([ours], [theirs], table);
    expect(() => expectDifferences([ours], [theirs], table.slice(1))).toThrow("pattern: 'chat: userId'");
    expect(() => expectDifferences([ours], [ours], [['chat: userId', '']])).toThrow(
      "expected, but there is no such difference: 'chat: userId'",
    );
    expectReasonsIn('| users | they have\nno users | they have no input |', table);
    expect(() => expectReasonsIn('they have no users', table)).toThrow('they have no input');
  });
});

it('a program gets the address and keys of a receiver', async () => {
  const printed = await runProgramFile('-p', {
    receiver: receiving,
    args: ['process.env.LANGFUSE_BASE_URL'],
    env: { LANGFUSE_RELEASE: 'r1' },
  });
  expect(printed.trim()).toBe(receiving.url);
  const failing = runProgramFile('-e', { args: ['console.error("no")'] });
  await expect(failing).rejects.toThrow('no');
});
