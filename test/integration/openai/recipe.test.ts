/** The guide's recipe in an empty folder, with the packed package, into `tailrace dev --strict`. */
import { expect, it } from 'vitest';
import { startOpenAIApi } from '../../support/openai-api.js';
import { runRecipe } from '../../support/recipe.js';

it('the recipe leaves the tree that the guide describes', async () => {
  const api = await startOpenAIApi();
  try {
    const env = { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: api.url };
    const run = await runRecipe({ of: 'openai', begin: 'import OpenAI', packages: ['openai'], env });
    expect(run.stdout).toBe('Hello there');
    expect(run.complaints).toEqual([]);
    expect(run.trees).toMatchObject([
      {
        name: 'answer',
        sessionId: 's-1',
        nodes: [
          {
            type: 'GENERATION',
            name: 'answer',
            model: 'gpt-4o-2024-08-06',
            input: { messages: [{ role: 'user', content: 'Where is my parcel?' }] },
            output: 'Hello there',
            usageDetails: { total: 29 },
            hasCompletionStart: true,
          },
        ],
      },
    ]);
  } finally {
    await api.close();
  }
});
