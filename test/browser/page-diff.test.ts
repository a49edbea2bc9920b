/** What is new in a generation since an earlier one, in Chromium. */

import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Receiver } from '../../dist/receiver/receiver.js';
import { baseMs, ingestionEvent } from '../unit/receiver/helpers.js';
import { violations } from './axe.js';
import { browser, describeInChromium } from './in-chromium.js';
import { ingest, NARROW, openPage, parametersOf, startServer, WIDE } from './open-page.js';

const diff = (page: Page, label: string) => page.getByRole('region', { name: `Changes of the ${label}` });

const HOSTILE = `"><img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>`;
const system = { role: 'system', content: 'Be kind.' };
const question = { role: 'user', content: 'Where is my parcel?' };
const call = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'c', type: 'function', function: { name: 'find', arguments: '{"id":7}' } }],
};
const result = { role: 'tool', tool_call_id: 'c', content: 'It is late.' };

/** Three turns of a chat, a completion, and a span between them. */
const turns = () =>
  [
    { id: 'one', input: [system, question], output: call },
    {
      id: 'two',
      input: [system, question, call, result],
      output: { role: 'assistant', content: 'It is late.' },
    },
    { id: 'three', input: [{ ...system, content: 'Be very kind.' }, question], output: 'Late.' },
    { id: 'plain', input: 'Say: one two three', output: 'one two three' },
    { id: 'again', input: 'Say: one 2 three', output: HOSTILE },
    { id: 'work', type: 'span-create', input: 'x' },
  ].map(({ id, type = 'generation-create', ...payloads }, at) =>
    ingestionEvent(type, {
      id,
      name: `turn ${id}`,
      traceId: 't',
      startTime: new Date(baseMs + 1000 * at).toISOString(),
      endTime: new Date(baseMs + 1000 * at + 500).toISOString(),
      ...payloads,
    }),
  );

describeInChromium('a difference', () => {
  async function open(query: string, options = {}): Promise<{ page: Page; receiver: Receiver }> {
    const receiver = await startServer();
    await ingest(receiver, turns());
    const page = await openPage(browser, `${receiver.url}/trace/t${query}`, options);
    await page.locator('.payload').first().waitFor();
    return { page, receiver };
  }

  it('is that to the generation before: what was added is marked, what is in common is folded', async () => {
    const { page } = await open('?observation=two');
    await page.keyboard.press('d');
    const input = diff(page, 'input');
    await input.getByText('2 messages added, 2 in common').waitFor();
    expect(parametersOf(page)).toEqual({ observation: 'two', diff: '' });
    const added = input.locator('.diff-block.added');
    expect(await added.textContent()).toContain('find');
    expect(await added.textContent()).toContain('It is late.');
    expect(await input.getByText('Where is my parcel?').count()).toBe(0);
    await input.getByText('2 messages in common').click();
    await input.getByText('Where is my parcel?').waitFor();
    // The next turn shows its own.
    await page.keyboard.press('j');
    await input.getByText('1 message changed').waitFor();
    expect(await input.locator('ins').first().textContent()).toContain('very');
    expect(await input.locator('.diff-block.removed').textContent()).toContain('find');
    await page.keyboard.press('d');
    await input.waitFor({ state: 'detached' });
    expect(parametersOf(page)).toEqual({ observation: 'three' });
  });

  it('is that to another one, which the address names', async () => {
    const { page } = await open('?observation=three&diff=one');
    await diff(page, 'input').getByText('1 message changed, 1 in common').waitFor();
    await page.getByLabel('since').selectOption('two');
    await diff(page, 'input').getByText('1 message changed, 2 messages removed, 1 in common').waitFor();
    expect(parametersOf(page).diff).toBe('two');
    // One that is not there is the one before.
    const { page: other } = await open('?observation=two&diff=nobody');
    await diff(other, 'input').getByText('2 messages added').waitFor();
  });

  it('is one of texts where there is no chat, by words', async () => {
    const { page } = await open('?observation=again&diff=');
    const input = diff(page, 'input');
    await input.locator('ins').waitFor();
    expect(await input.locator('del').allTextContents()).toEqual(['two']);
    expect(await input.locator('ins').allTextContents()).toEqual(['2']);
    expect(await diff(page, 'output').locator('ins').textContent()).toBe(HOSTILE);
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
    expect(await page.locator('.diff img, .diff script').count()).toBe(0);
  });

  it('is offered for generations alone, and where there is another', async () => {
    const { page, receiver } = await open('?observation=work&diff=');
    expect(await page.getByRole('button', { name: 'What is new' }).count()).toBe(0);
    await ingest(receiver, [
      ingestionEvent('generation-create', { id: 'only', traceId: 'lone', input: 'x' }),
    ]);
    await page.goto(`${receiver.url}/trace/lone?observation=only`);
    await page.locator('.payload').first().waitFor();
    expect(await page.getByRole('button', { name: 'What is new' }).count()).toBe(0);
  });

  it('of long chats reads them whole, and shows few rows', async () => {
    const { page, receiver } = await open('?observation=one');
    const many = Array.from({ length: 400 }, (_, at) => ({
      role: 'user',
      content: `${at} ${'x'.repeat(1000)}`,
    }));
    await ingest(receiver, [
      ingestionEvent('generation-create', { id: 'a', traceId: 'long', input: many }),
      ingestionEvent('generation-create', { id: 'b', traceId: 'long', input: [...many, question] }),
    ]);
    await page.goto(`${receiver.url}/trace/long?observation=b&diff=`);
    await diff(page, 'input').getByText('1 message added, 400 in common').waitFor();
    expect(await diff(page, 'input').locator('.message').count()).toBe(1);
  });

  it.each(['light', 'dark'] as const)(
    'has nothing serious for axe in the %s page, wide and narrow',
    async (colorScheme) => {
      for (const viewport of [WIDE, NARROW]) {
        const { page, receiver } = await open('?observation=three&diff=two', { colorScheme, viewport });
        await diff(page, 'input').locator('ins').first().waitFor();
        expect(await violations(page)).toEqual([]);
        const isWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
        expect(await page.evaluate(isWide)).toBe(false);
        await page.goto(`${receiver.url}/trace/t?observation=again&diff=`);
        await diff(page, 'input').locator('ins').waitFor();
        expect(await violations(page)).toEqual([]);
      }
    },
  );
});
