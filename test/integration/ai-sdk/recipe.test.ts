/** The guide's recipe in an empty folder, with the packed package and the SDK's mock model, into `tailrace dev --strict`. */
import { expect, it } from 'vitest';
import { runRecipe } from '../../support/recipe.js';

const NODE = Number(process.versions.node.split('.')[0]);

const MODEL = `
import { MockLanguageModelV4 } from 'ai/test';

const model = new MockLanguageModelV4({
  provider: 'mock',
  modelId: 'mock-1',
  doGenerate: async () => ({
    content: [{ type: 'text', text: 'Hello!' }],
    finishReason: { unified: 'stop', raw: 'stop' },
    usage: { inputTokens: { total: 12, noCache: 12 }, outputTokens: { total: 5, text: 5 } },
    warnings: [],
  }),
});
`;

it.skipIf(NODE < 22)(
  'the recipe leaves the tree that the guide describes (AI SDK 7 needs Node.js 22)',
  async () => {
    const packages = ['ai', '@ai-sdk/provider', '@ai-sdk/provider-utils', '@ai-sdk/gateway', 'zod'];
    const run = await runRecipe({
      of: 'ai-sdk',
      begin: 'import { registerTelemetry',
      packages,
      before: MODEL,
    });
    expect(run.complaints).toEqual([]);
    expect(run.trees).toMatchObject([
      {
        name: 'greeter',
        nodes: [
          {
            type: 'AGENT',
            name: 'greeter',
            output: 'Hello!',
            children: [
              {
                type: 'GENERATION',
                name: 'ai.generateText.doGenerate',
                model: 'mock-1',
                output: 'Hello!',
                usageDetails: { input: 12, output: 5 },
              },
            ],
          },
        ],
      },
    ]);
  },
);
