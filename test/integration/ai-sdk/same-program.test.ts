/** One program under AI SDK 7 with ours and with Langfuse's integration, and under AI SDK 6 and 5 with `tailrace/otel`: the trees, whole. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../../support/programs.js';
import { receiveHere, runProgramFile } from '../../support/receiving.js';
import {
  type ExpectedDifference,
  expectDifferences,
  expectReasonsIn,
} from '../../support/tree-differences.js';
import type { Tree, TreeNode } from '../../support/trees.js';

const PROGRAM = join(REPOSITORY, 'test/fixtures/ai-sdk/same.mjs');
const GUIDE = readFileSync(join(REPOSITORY, 'src/integrations/ai-sdk/README.md'), 'utf8');
const NODE = Number(process.versions.node.split('.')[0]);

async function run(...args: string[]): Promise<{ trees: Tree[]; complaints: string[] }> {
  const receiver = await receiveHere();
  try {
    const env = { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
    await runProgramFile(PROGRAM, { receiver, args, env });
    return { trees: await receiver.trees(), complaints: await receiver.complaints() };
  } finally {
    await receiver.stop();
  }
}

type Attributes = Record<string, string>;

/** The attributes of a foreign span are not compared: they hold what its observation already shows, under other names. */
function attributesOf({ metadata }: TreeNode): Attributes {
  return (metadata?.attributes ?? {}) as Attributes;
}

function renamed(node: TreeNode, name: string, children: readonly TreeNode[]): TreeNode {
  const { attributes, events, ...metadata } = node.metadata ?? {};
  const { wrongTimes, ...rest } = node;
  return { ...rest, name, metadata, children };
}

/** Spans of OpenTelemetry end in the order in which the SDK ends them: their times are not our matter. */
function align(trees: readonly Tree[], nodeOf: (node: TreeNode) => TreeNode): Tree[] {
  return trees.map((tree) => {
    const nodes = tree.nodes.map(nodeOf);
    return { ...tree, name: nodes[0]?.name ?? '', metadata: {}, nodes };
  });
}

const withoutTraceFields = (trees: readonly Tree[]): Tree[] =>
  trees.map(({ input, output, ...tree }) => ({ ...tree, metadata: {} }));

/** AI SDK 5 and 6: the name of function or tool, which a Langfuse server takes from the attributes. */
function alignOlder(node: TreeNode): TreeNode {
  const attributes = attributesOf(node);
  const isRoot = attributes['ai.operationId']?.split('.').length === 2 && node.name !== 'ai.toolCall';
  const name = isRoot ? attributes['ai.telemetry.functionId'] : attributes['ai.toolCall.name'];
  return renamed(node, name ?? node.name ?? '', (node.children ?? []).map(alignOlder));
}

/** Langfuse's: without the steps, and under our names. */
function alignLangfuse(node: TreeNode, parent: string): TreeNode {
  const attributes = attributesOf(node);
  const name = attributes['gen_ai.agent.name'] ?? attributes['gen_ai.tool.name'] ?? (INNER[parent] as string);
  const children = (node.children ?? []).flatMap((child) =>
    child.name?.startsWith('step ') ? (child.children ?? []) : [child],
  );
  return renamed(
    node,
    name,
    children.map((child) => alignLangfuse(child, name)),
  );
}

/** The calls of models, by the name of the function; two roots are without a name of theirs. */
const INNER: Record<string, string> = {
  ...Object.fromEntries(
    ['weather-agent', 'broken-tool', 'broken-model'].map((name) => [name, 'ai.generateText.doGenerate']),
  ),
  greeter: 'ai.streamText.doStream',
  sky: 'ai.generateObject.doGenerate',
  embedder: 'ai.embed.doEmbed',
  many: 'ai.embedMany.doEmbed',
  'root 5': 'embedder',
  'root 6': 'many',
};

const METADATA =
  'Metadata has `operationId`, `provider`, `stepNumber`, `finishReason`, `responseId`, `tools`, `toolChoice` and `toolCallId`.';

/** Patterns and reasons; the guide has each reason, word by word. */
const FROM_OLDER: ExpectedDifference[] = [
  ['**: metadata/**', METADATA],
  ['**: type', 'For AI SDK 5 and 6 the type is guessed, as their spans do not say it: an agent is a SPAN.'],
  ['*/*: input', 'AI SDK 7 shows an integration the messages that it has made of `system` and `prompt`.'],
  [
    ['*/*/*: output/[]/{input,type}', '*/*/*: input/[]/content/[]/output/value'],
    'AI SDK 7 itself words tool calls and their errors differently.',
  ],
  [
    [
      '**: hasCompletionStart',
      '**: prompt{Name,Version}',
      '{embedder,many}/**: {input,output,model,usageDetails}',
    ],
    'The local server does not read first chunk, prompt and embeddings from the spans of AI SDK 5 and 6.',
  ],
];

const FROM_LANGFUSE: ExpectedDifference[] = [
  ['**: metadata/**', METADATA],
  [
    '*: {userId,sessionId,tags}',
    '`userId`, `sessionId` and `tags` of the runtime context go to the trace, as metadata of AI SDK 5 and 6 does.',
  ],
  [
    ['**: {input,output}', '**: {input,output}/**'],
    'Messages and outputs stand as the AI SDK has them, the instructions first, so that nothing is lost or costs time.',
  ],
  [
    '*/*: {model,modelParameters,usageDetails}',
    'Only the calls of a model have model, parameters and usage: on the agent too, a server would count tokens twice.',
  ],
  ['{embedder,many}/*: type', 'A call that makes calls of an embedding model is a SPAN.'],
  ['**: hasCompletionStart', 'The first chunk sets the completion start.'],
];

const older = (trees: readonly Tree[]): Tree[] => align(trees, alignOlder);

describe.skipIf(NODE < 22)('the same program (AI SDK 7 needs Node.js 22)', () => {
  it('leaves the same tree under AI SDK 7 as under AI SDK 6 and 5 with tailrace/otel', async () => {
    const ours = await run('7', 'tailrace');
    expect(ours.complaints).toEqual([]);
    expect(JSON.stringify(ours.trees)).not.toContain('sk-secret');
    expect(JSON.stringify(ours.trees)).not.toContain('wrongTimes');
    for (const version of ['6', '5']) {
      const theirs = await run(version, 'otel');
      expectDifferences(withoutTraceFields(ours.trees), withoutTraceFields(older(theirs.trees)), FROM_OLDER);
    }
    expectReasonsIn(GUIDE, FROM_OLDER);
  });

  it("differs from the tree of Langfuse's integration only where the guide says so", async () => {
    const [ours, theirs] = await Promise.all([run('7', 'tailrace'), run('7', 'langfuse')]);
    const roots = theirs.trees.map(
      (tree, index) => align([tree], (node) => alignLangfuse(node, `root ${index}`))[0],
    );
    expectDifferences(withoutTraceFields(ours.trees), withoutTraceFields(roots as Tree[]), FROM_LANGFUSE);
    expectReasonsIn(GUIDE, FROM_LANGFUSE);
  });
});
