/** Feedback on the page in Chromium: thumbs, scores of each type, comments; on open pages at once; and that hostile text is text. */

import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Receiver } from '../../dist/receiver/receiver.js';
import { call, ingestionEvent, postJson } from '../unit/receiver/helpers.js';
import { violations } from './axe.js';
import { browser, describeInChromium } from './in-chromium.js';
import { madeUpTrace } from './made-up-trace.js';
import { ingest, NARROW, openPage, startServer, WIDE } from './open-page.js';

const feedback = (page: Page) => page.getByRole('region', { name: 'Feedback' });
const scoreRow = (page: Page, name: string) =>
  feedback(page)
    .locator('.scores tbody tr')
    .filter({ has: page.getByRole('rowheader', { name, exact: true }) });
const isPressed = (page: Page, name: string) =>
  feedback(page).getByRole('button', { name, exact: true }).getAttribute('aria-pressed');

async function annotations(receiver: Receiver) {
  const { json } = await call(`${receiver.url}/api/public/v2/scores?source=ANNOTATION`);
  return json.data.map((score: Record<string, unknown>) => {
    const { name, dataType, value, stringValue, observationId, environment, comment } = score;
    return { name, dataType, value, stringValue, observationId, environment, comment };
  });
}

describeInChromium('feedback', () => {
  async function openMadeUp(query = '', options = {}): Promise<{ page: Page; receiver: Receiver }> {
    const receiver = await startServer();
    await ingest(receiver, madeUpTrace());
    const page = await openPage(browser, `${receiver.url}/trace/made-up${query}`, options);
    await feedback(page).waitFor();
    return { page, receiver };
  }

  it('is a thumb by key or button, which the same one takes back and the other turns', async () => {
    const { page, receiver } = await openMadeUp('?observation=plan');
    await page.keyboard.press('+');
    await expect.poll(() => isPressed(page, 'Thumb up')).toBe('true');
    await expect
      .poll(() => annotations(receiver))
      .toEqual([
        {
          name: 'thumbs',
          dataType: 'BOOLEAN',
          value: 1,
          stringValue: 'True',
          observationId: 'plan',
          environment: 'production',
          comment: null,
        },
      ]);
    await page.keyboard.press('-');
    await expect.poll(() => isPressed(page, 'Thumb down')).toBe('true');
    expect(await isPressed(page, 'Thumb up')).toBe('false');
    await expect.poll(() => annotations(receiver)).toMatchObject([{ value: 0, observationId: 'plan' }]);
    await feedback(page).getByRole('button', { name: 'Thumb down' }).click();
    await expect.poll(() => isPressed(page, 'Thumb down')).toBe('false');
    await expect.poll(() => annotations(receiver)).toEqual([]);
    // On the trace itself.
    await page.keyboard.press('Home');
    await page.locator('.node.selected', { hasText: 'support chat' }).waitFor();
    await page.keyboard.press('+');
    await expect.poll(() => isPressed(page, 'Thumb up')).toBe('true');
    await expect.poll(() => annotations(receiver)).toMatchObject([{ value: 1, observationId: null }]);
  });

  it('is a score of each type, with names and categories in use, and a comment', async () => {
    const { page, receiver } = await openMadeUp('?observation=plan');
    const form = page.getByRole('form', { name: 'Score' });
    await page.keyboard.press('s');
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
    await page.keyboard.press('s');
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('score-name');
    await expect
      .poll(() =>
        form.locator('#score-names option').evaluateAll((all) => all.map((one) => one.getAttribute('value'))),
      )
      .toContain('tone');
    // A name in use has its type and its values.
    await form.getByLabel('Name').fill('tone');
    expect(await form.getByLabel('Type').inputValue()).toBe('CATEGORICAL');
    expect(await form.locator('#score-values option').getAttribute('value')).toBe('kind');
    await form.getByLabel('Value').fill('curt');
    await form.getByLabel('Comment').fill('too short');
    await form.getByRole('button', { name: 'Add the score' }).click();
    await form.waitFor({ state: 'detached' });
    await scoreRow(page, 'tone').filter({ hasText: 'curt' }).waitFor();
    for (const [name, type, value] of [
      ['correct', 'NUMERIC', '0.75'],
      ['polite', 'BOOLEAN', 'False'],
      ['note', 'TEXT', 'two\nlines'],
    ] as const) {
      await page.getByRole('button', { name: 'Score', exact: true }).click();
      await form.getByLabel('Name').fill(name);
      await form.getByLabel('Type').selectOption(type);
      if (type === 'BOOLEAN') await form.getByLabel('Value').selectOption(value);
      else await form.getByLabel('Value').fill(value);
      await form.getByRole('button', { name: 'Add the score' }).click();
      await form.waitFor({ state: 'detached' });
    }
    const given = await annotations(receiver);
    const on = { observationId: 'plan', environment: 'production' };
    expect(given).toHaveLength(4);
    expect(given).toContainEqual({
      ...on,
      name: 'tone',
      dataType: 'CATEGORICAL',
      value: 0,
      stringValue: 'curt',
      comment: 'too short',
    });
    expect(given).toContainEqual({
      ...on,
      name: 'correct',
      dataType: 'NUMERIC',
      value: 0.75,
      stringValue: null,
      comment: null,
    });
    expect(given).toContainEqual({
      ...on,
      name: 'polite',
      dataType: 'BOOLEAN',
      value: 0,
      stringValue: 'False',
      comment: null,
    });
    expect(given).toContainEqual({
      ...on,
      name: 'note',
      dataType: 'TEXT',
      value: undefined,
      stringValue: 'two\nlines',
      comment: null,
    });
  });

  it('is changed and deleted on the page; scores of the application are not', async () => {
    const { page, receiver } = await openMadeUp('?observation=plan');
    await page.keyboard.press('+');
    await scoreRow(page, 'thumbs').getByRole('button', { name: 'Change the score thumbs' }).click();
    const form = page.getByRole('form', { name: 'Score' });
    await form.getByLabel('Name').fill('liked');
    await form.getByLabel('Value').selectOption('False');
    await form.getByRole('button', { name: 'Save the score' }).click();
    await scoreRow(page, 'liked').filter({ hasText: 'False' }).waitFor();
    expect(await annotations(receiver)).toMatchObject([{ name: 'liked', value: 0 }]);
    expect(await scoreRow(page, 'tone').getByRole('button').count()).toBe(0);
    await scoreRow(page, 'liked').getByRole('button', { name: 'Delete the score liked' }).click();
    await scoreRow(page, 'liked').waitFor({ state: 'detached' });
    expect(await annotations(receiver)).toEqual([]);
  });

  it('is a comment on trace or observation, by key; it is changed, deleted, and read by API', async () => {
    const { page, receiver } = await openMadeUp();
    const form = page.getByRole('form', { name: 'Comment' });
    await page.keyboard.press('c');
    await page.keyboard.type('Odd: it says both.');
    await page.keyboard.press('Control+Enter');
    await form.waitFor({ state: 'detached' });
    const list = page.getByRole('list', { name: 'Comments' });
    await list.getByText('Odd: it says both.').waitFor();
    const read = async () => (await call(`${receiver.url}/api/public/comments`)).json.data;
    expect(await read()).toMatchObject([
      { objectType: 'TRACE', objectId: 'made-up', content: 'Odd: it says both.' },
    ]);
    await page.getByRole('button', { name: 'Change the comment on the trace' }).click();
    await form.getByRole('textbox').fill('Fine.');
    await form.getByRole('button', { name: 'Save the comment' }).click();
    await list.getByText('Fine.').waitFor();
    await list.getByText('changed').waitFor();
    // On an observation; the trace lists it too.
    await page.keyboard.press('e');
    await page.locator('.node.selected', { hasText: 'find_parcel' }).waitFor();
    await expect.poll(() => list.count()).toBe(0);
    await page.keyboard.press('c');
    await page.keyboard.type('slow');
    await form.getByRole('button', { name: 'Add the comment' }).click();
    await list.getByText('slow').waitFor();
    expect(await read()).toMatchObject([{}, { objectType: 'OBSERVATION', objectId: 'tool' }]);
    await page.getByRole('button', { name: 'Delete the comment on this observation' }).click();
    await list.waitFor({ state: 'detached' });
    expect(await read()).toHaveLength(1);
  });

  it('comes to other open pages at once, from the page and from the API, to the list too', async () => {
    const { page, receiver } = await openMadeUp();
    const other = await openPage(browser, `${receiver.url}/trace/made-up`);
    const list = await openPage(browser, receiver.url);
    await list.getByText('1 trace').first().waitFor();
    await feedback(other).waitFor();
    await page.keyboard.press('+');
    await scoreRow(other, 'thumbs').waitFor();
    await list.getByText('thumbs True').waitFor();
    await postJson(`${receiver.url}/api/public/comments`, {
      projectId: 'local',
      objectType: 'TRACE',
      objectId: 'made-up',
      content: 'from the API',
      authorUserId: 'ada',
    });
    for (const one of [page, other]) {
      await one.getByText('from the API').waitFor();
      await one.locator('.comment-head', { hasText: 'ada' }).waitFor();
    }
  });

  it('on a trace that has been deleted meanwhile is not stored, and the page says that the trace is gone', async () => {
    const { page, receiver } = await openMadeUp();
    await page.keyboard.press('c');
    await page.keyboard.type('lost?');
    await call(`${receiver.url}/api/public/traces/made-up`, { method: 'DELETE' });
    await page.keyboard.press('Control+Enter');
    await page.getByText('there is nothing stored under "made-up"').waitFor();
  });

  it('filters the list: with and without feedback, and without a score of a name', async () => {
    const { receiver } = await openMadeUp();
    await ingest(receiver, [ingestionEvent('trace-create', { id: 'other', name: 'other' })]);
    await postJson(`${receiver.url}/api/public/comments`, {
      projectId: 'local',
      objectType: 'TRACE',
      objectId: 'other',
      content: 'x',
    });
    const page = await openPage(browser, receiver.url);
    const rows = page.locator('.trace-table .rows [role=row]');
    await expect.poll(() => rows.count()).toBe(2);
    const group = page.getByRole('group', { name: 'With or without feedback of a person' });
    await group.getByRole('button', { name: 'With', exact: true }).click();
    await expect.poll(() => rows.count()).toBe(1);
    await rows.getByText('other').first().waitFor();
    await group.getByRole('button', { name: 'Without' }).click();
    await rows.getByText('support chat').first().waitFor();
    await group.getByRole('button', { name: 'All' }).click();
    await page.getByRole('button', { name: 'without accuracy' }).click();
    await expect.poll(() => rows.count()).toBe(1);
    await rows.getByText('other').first().waitFor();
  });

  it('of hostile texts stays text', async () => {
    const { page, receiver } = await openMadeUp();
    const text = `"><img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>`;
    await postJson(`${receiver.url}/api/public/scores`, { traceId: 'made-up', name: text, value: text });
    for (const [key, label, button] of [
      ['s', 'Score', 'Add the score'],
      ['c', 'Comment', 'Add the comment'],
    ] as const) {
      await page.keyboard.press(key);
      const form = page.getByRole('form', { name: label });
      if (key === 's') {
        await form.getByLabel('Name').fill(text);
        await form.getByLabel('Type').selectOption('CATEGORICAL');
        await form.getByLabel('Value').fill(text);
      }
      await form.getByLabel('Comment').fill(text);
      await form.getByRole('button', { name: button }).click();
      await form.waitFor({ state: 'detached' });
    }
    await postJson(`${receiver.url}/api/public/comments`, {
      ...{ projectId: 'p', objectType: 'TRACE', objectId: 'made-up', content: text, authorUserId: text },
    });
    await expect.poll(() => page.locator('.comments li').count()).toBe(2);
    await page.keyboard.press('s');
    await page.locator('#score-names option').first().waitFor({ state: 'attached' });
    expect(await page.locator('.comments .text').first().textContent()).toBe(text);
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
    expect(await page.locator('.feedback img, .feedback script').count()).toBe(0);
  });

  it.each(['light', 'dark'] as const)(
    'has nothing serious for axe in the %s page, wide and narrow',
    async (colorScheme) => {
      for (const viewport of [WIDE, NARROW]) {
        const { page } = await openMadeUp('?observation=plan', { colorScheme, viewport });
        await page.keyboard.press('+');
        await expect.poll(() => isPressed(page, 'Thumb up')).toBe('true');
        await page.keyboard.press('c');
        await page.keyboard.type('fine');
        await page.keyboard.press('Control+Enter');
        await page.locator('.comments li').waitFor();
        await page.locator('#score-button').click();
        await page.getByRole('form', { name: 'Score' }).waitFor();
        expect(await violations(page)).toEqual([]);
        const isWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
        expect(await page.evaluate(isWide)).toBe(false);
      }
    },
  );
});
