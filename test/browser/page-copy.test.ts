/** What the page copies and downloads, in Chromium: payloads, curl commands, test cases. */

import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Receiver } from '../../dist/receiver/receiver.js';
import { ingestionEvent } from '../unit/receiver/helpers.js';
import { browser, describeInChromium } from './in-chromium.js';
import { madeUpTrace } from './made-up-trace.js';
import { ingest, openPage, startServer } from './open-page.js';

const CURL = 'Copy the request as a curl command';
const TEST_CASE = /^Copy as a test case/;

describeInChromium('copies', () => {
  async function open(path: string, more: object[] = []): Promise<{ page: Page; receiver: Receiver }> {
    const receiver = await startServer();
    await ingest(receiver, [...madeUpTrace(), ...more]);
    const page = await openPage(browser, `${receiver.url}/trace/${path}`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.locator('.payload').first().waitFor();
    return { page, receiver };
  }

  async function copied(page: Page, name: string | RegExp): Promise<string> {
    await page.evaluate(`navigator.clipboard.writeText('')`);
    await page.getByRole('button', { name }).click();
    const read = () => page.evaluate('navigator.clipboard.readText()') as Promise<string>;
    await expect.poll(read).not.toBe('');
    return read();
  }

  it('are a curl command of a generation with a chat, and of nothing else', async () => {
    const { page, receiver } = await open('made-up?observation=plan');
    const command = await copied(page, CURL);
    expect(command).toMatch(/^curl https:\/\/api\.openai\.com\/v1\/chat\/completions \\\n/);
    expect(command).toContain('-H "authorization: Bearer $OPENAI_API_KEY"');
    expect(command).toContain('"temperature": 0.2');
    expect(command).toContain('What is on this picture?');
    for (const id of ['tool', 'guess', 'root']) {
      await page.goto(`${receiver.url}/trace/made-up?observation=${id}`);
      await page.getByRole('region', { name: 'Feedback' }).waitFor();
      await page.getByRole('button', { name: TEST_CASE }).waitFor();
      expect(await page.getByRole('button', { name: CURL }).count()).toBe(0);
    }
  });

  it('are a test case of an observation or a trace, in the shape of a dataset item', async () => {
    const { page, receiver } = await open('made-up?observation=guess');
    expect(JSON.parse(await copied(page, TEST_CASE))).toEqual({
      input: 'one two three',
      expectedOutput: 'four',
      metadata: null,
      sourceTraceId: 'made-up',
      sourceObservationId: 'guess',
    });
    await page.goto(`${receiver.url}/trace/made-up`);
    await page.locator('.payload').first().waitFor();
    expect(JSON.parse(await copied(page, TEST_CASE))).toEqual({
      input: { question: 'Where is my parcel?' },
      expectedOutput: 'It arrives **today**.',
      metadata: { tier: 'gold', nested: { list: [1, 2, { deep: true }] } },
      sourceTraceId: 'made-up',
    });
  });

  it('are whole where the page shows the beginning', async () => {
    const content = `${'x'.repeat(300_000)} THE END`;
    const { page } = await open('long?observation=g', [
      ingestionEvent('generation-create', {
        id: 'g',
        traceId: 'long',
        input: [{ role: 'user', content }],
        output: content,
      }),
    ]);
    expect(await copied(page, CURL)).toContain('THE END');
    expect(JSON.parse(await copied(page, TEST_CASE)).expectedOutput).toBe(content);
    expect(await copied(page, 'Copy the output')).toBe(content);
    expect(JSON.parse(await copied(page, 'Copy the input'))).toEqual([{ role: 'user', content }]);
  });

  it('are files, with a name of plain characters', async () => {
    const id = '../<x>"\n%';
    const { page } = await open(`odd?observation=${encodeURIComponent(id)}`, [
      ingestionEvent('span-create', { id, traceId: 'odd', name: 'odd', input: { a: 1 }, output: 'plain' }),
    ]);
    for (const [label, name, content] of [
      ['Download the input', '_x_-input.json', '{\n  "a": 1\n}'],
      ['Download the output', '_x_-output.txt', 'plain'],
    ] as const) {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: label }).click(),
      ]);
      expect(download.suggestedFilename()).toBe(name);
      expect(readFileSync(await download.path(), 'utf8')).toBe(content);
    }
  });
});
