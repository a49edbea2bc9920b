/** One program with our handler and with Langfuse's: the trees, whole. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { REPOSITORY } from '../../support/programs.js';
import { receiveHere, runProgramFile } from '../../support/receiving.js';
import {
  type ExpectedDifference,
  expectDifferences,
  expectReasonsIn,
} from '../../support/tree-differences.js';
import type { Tree } from '../../support/trees.js';

const PROGRAM = join(REPOSITORY, 'test/fixtures/langchain/same.mjs');
const GUIDE = readFileSync(join(REPOSITORY, 'src/integrations/langchain/README.md'), 'utf8');

async function run(handler: string): Promise<{ trees: Tree[]; complaints: string[] }> {
  const receiver = await receiveHere();
  try {
    const env = { OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' };
    await runProgramFile(PROGRAM, { receiver, args: [handler], env });
    return { trees: await receiver.trees(), complaints: await receiver.complaints() };
  } finally {
    await receiver.stop();
  }
}

/** Patterns and reasons; the guide has each reason, word by word. */
const DIFFERENCES: ExpectedDifference[] = [
  [
    [
      '{model,completion,weather,broken,failing model,cancelled}: {userId,sessionId,tags}',
      '*: metadata/{team,size}',
    ],
    'The options of the handler apply to each trace, also to that of a model or a tool that runs alone.',
  ],
  [
    [
      '**/StrOutputParser: input/{content,role,lc,type,id,kwargs}',
      '**/weather: output/{content,role,additional_kwargs,lc,type,id,kwargs}',
    ],
    'A message is a chat message wherever it stands, not the form in which LangChain saves it.',
  ],
  [
    'stream/stream/StrOutputParser: input/input',
    'The input of a streamed step is what it got, not an empty text.',
  ],
  ['agent/agent/tools: input', 'A state keeps its other fields beside the messages.'],
  [
    ['**: {input,output}/**/[]/tool_call_id', '**: input/[]/tool_call_id', '**/weather: output/tool_call_id'],
    "A tool's message has its `tool_call_id`.",
  ],
  ['**/shelf: type', 'A retriever has the type RETRIEVER.'],
  ['cancelled/cancelled: level', 'A cancelled run has level WARNING.'],
  [
    ['graph/graph/inner: {level,statusMessage,output}', 'graph/graph/inner/**: {level,statusMessage,output}'],
    "An interrupt of a graph is no error: level DEFAULT, and the interrupts are the node's output.",
  ],
];

it("differs from the trees of Langfuse's handler only where the guide says so", async () => {
  const [ours, theirs] = await Promise.all([run('tailrace'), run('langfuse')]);
  expect(ours.complaints).toEqual([]);
  expect(JSON.stringify(ours.trees)).not.toMatch(/wrongTimes|isOrphan|sk-secret/);
  // Langfuse's own times are not our matter.
  expectDifferences(ours.trees, theirs.trees, DIFFERENCES, { ignore: ['**: wrongTimes'] });
  expectReasonsIn(GUIDE, DIFFERENCES);
});
