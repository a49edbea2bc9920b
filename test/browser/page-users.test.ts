/** Users in Chromium. */
import { expect, it } from 'vitest';
import { ingestionEvent } from '../unit/receiver/helpers.js';
import { browser, describeInChromium } from './in-chromium.js';
import { madeUpTrace } from './made-up-trace.js';
import { ingest, NARROW, openPage, parametersOf, startServer } from './open-page.js';
import { checkLooks, expectInert, HOSTILE, ingestHostile } from './page-checks.js';

describeInChromium('users', () => {
  it('have sums, and lead to their traces by a click and by keys', async () => {
    const receiver = await startServer();
    const more = ['one', 'two'].map((id) => ingestionEvent('trace-create', { id, name: id, userId: 'bob' }));
    await ingest(receiver, [...madeUpTrace(), ...more]);
    await receiver.usage();
    const page = await openPage(browser, receiver.url);
    await page.getByRole('link', { name: 'Users' }).click();
    await page.getByText('2 users in 3 traces').waitFor();
    const ada = page.getByRole('row').filter({ hasText: 'ada' });
    expect(await ada.getByRole('cell').allTextContents()).toEqual([
      'ada',
      '1',
      '1',
      expect.stringMatching(/^≈ \d+$/),
      expect.stringMatching(/^≈ \$0\.\d+$/),
      '1',
      expect.stringMatching(/\d/),
    ]);
    await page.goto(`${receiver.url}/users?sort=-traces`);
    await page.getByText('2 users in 3 traces').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByText('2 of 3 traces').waitFor();
    expect(parametersOf(page)).toEqual({ user: 'bob' });
    await page.goBack();
    await page.getByRole('link', { name: 'ada' }).click();
    await page.getByText('1 of 3 traces').waitFor();
  });

  it('come in live, and few rows of many are in the document', async () => {
    const receiver = await startServer();
    const page = await openPage(browser, `${receiver.url}/users`);
    await page.getByText('No trace has a user yet.').waitFor();
    const users = Array.from({ length: 1_200 }, (_, at) =>
      ingestionEvent('trace-create', { id: `t${at}`, userId: `user ${at}` }),
    );
    await ingest(receiver, users);
    await page.getByText('1,200 users in 1,200 traces').waitFor();
    await page.getByText('The first 1,000 of 1,200 are shown.').waitFor();
    expect(await page.locator('.summary-table .rows [role=row]').count()).toBeLessThan(80);
  });

  it('are cards on a narrow screen, with an order', async () => {
    const receiver = await startServer();
    await ingest(receiver, [
      ...madeUpTrace(),
      ...['one', 'two'].map((id) => ingestionEvent('trace-create', { id, userId: 'bob' })),
    ]);
    const page = await openPage(browser, `${receiver.url}/users`, { viewport: NARROW });
    await page.getByText('2 users in 3 traces').waitFor();
    await page.getByLabel('Order').selectOption('Traces, highest first');
    const names = () => page.locator('.summary-table .trace-link').allTextContents();
    await expect.poll(names).toEqual(['bob', 'ada']);
    expect(parametersOf(page)).toEqual({ sort: '-traces' });
    expect(await page.locator('.summary-table [role=row]').first().textContent()).toContain('Sessions 0');
  });

  it('say that an answer is about a part of the traces only', async () => {
    const receiver = await startServer();
    await ingest(receiver, madeUpTrace());
    const page = await openPage(browser, 'about:blank');
    await page.route('**/api/tailrace/users*', async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as { coverage: object };
      const coverage = { ...answer.coverage, isComplete: false, oldestUs: Date.UTC(2026, 0, 15, 12) * 1000 };
      await route.fulfill({ response, json: { ...answer, coverage } });
    });
    await page.goto(`${receiver.url}/users`);
    await page
      .getByText(/^These are figures of the newest 1 trace, since Thursday, January 15, 2026/)
      .waitFor();
  });

  it('hold hostile texts as texts, and still lead to their traces', async () => {
    const receiver = await startServer();
    await ingestHostile(receiver);
    const page = await openPage(browser, `${receiver.url}/users`);
    await page.getByText(`${HOSTILE.length} users in ${HOSTILE.length} traces`).waitFor();
    await expectInert(page);
    await page.getByRole('link', { name: HOSTILE[0]! }).click();
    await page.getByText(`1 of ${HOSTILE.length} traces`).waitFor();
    expect(parametersOf(page)).toEqual({ user: HOSTILE[0] });
  });

  it('look as they should: axe, light and dark, wide and narrow', async () => {
    const receiver = await startServer();
    await ingest(receiver, madeUpTrace());
    await receiver.usage();
    await checkLooks(browser, `${receiver.url}/users`, (page) =>
      page.getByText('1 user in 1 trace').waitFor(),
    );
  });
});
