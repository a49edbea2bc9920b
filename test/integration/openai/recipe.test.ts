/** The guide's recipe in an empty folder, with the packed package, into `tailrace dev --strict`. */
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packPackage } from '../../places/harness/installed.js';
import { startOpenAIApi } from '../../support/openai-api.js';
import { createProgram, installed, REPOSITORY } from '../../support/programs.js';
import { receiveInChild, runProgramFile } from '../../support/receiving.js';

const GUIDE = readFileSync(join(REPOSITORY, 'src/integrations/openai/README.md'), 'utf8');

it('the recipe leaves the tree that the guide describes', async () => {
  const recipe = /```text\n(import OpenAI[\s\S]*?)```/.exec(GUIDE)?.[1] as string;
  const packed = packPackage();
  const [api, receiver] = await Promise.all([startOpenAIApi(), receiveInChild()]);
  try {
    const folder = createProgram({ 'program.mjs': recipe }, { openai: installed('openai') });
    symlinkSync(join(packed.modules, 'tailrace'), join(folder, 'node_modules/tailrace'), 'dir');
    const env = { OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: api.url };
    expect(await runProgramFile('program.mjs', { receiver, env, folder })).toBe('Hello there');
    expect(await receiver.complaints()).toEqual([]);
    expect(await receiver.trees()).toMatchObject([
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
    await Promise.all([api.close(), receiver.stop()]);
    packed.remove();
  }
});
