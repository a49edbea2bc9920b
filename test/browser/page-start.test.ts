/** The list's start in Chromium: loading the sample while it is empty, and clearing it. */

import type { Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { loadSample } from '../../dist/cli/sample/load-sample.js';
import { type Receiver, startReceiver } from '../../dist/receiver/receiver.js';
import { isClickhouse } from '../support/receiver.js';
import { ingestionEvent } from '../unit/receiver/helpers.js';
import { violations } from './axe.js';
import { browser, describeInChromium } from './in-chromium.js';
import { madeUpTrace } from './made-up-trace.js';
import { ingest, NARROW, openPage, startServer, WIDE } from './open-page.js';

const rows = (page: Page) => page.locator('.trace-table .rows [role=row]');

describeInChromium('the start', () => {
  async function startWithSample(): Promise<Receiver> {
    const receiver: Receiver = await startReceiver({
      port: 0,
      loadSample: () => loadSample(receiver.url, undefined),
    });
    onTestFinished(() => receiver.close());
    return receiver;
  }

  it('loads the sample, on all open pages', async () => {
    const receiver = await startWithSample();
    const [page, other] = [await openPage(browser, receiver.url), await openPage(browser, receiver.url)];
    await other.getByText('Nothing has arrived yet').waitFor();
    await page.getByRole('button', { name: 'Load the sample' }).click();
    for (const one of [page, other]) await rows(one).getByText('customer-support').first().waitFor();
    expect(await page.getByText('Nothing has arrived yet').count()).toBe(0);
  });

  it('offers the demo’s command where the server has no sample', async () => {
    const receiver = await startServer();
    const page = await openPage(browser, receiver.url);
    await page.getByText('npx tailrace demo').waitFor();
    expect(await page.getByRole('button', { name: 'Load the sample' }).count()).toBe(0);
  });

  it('says why the sample cannot be loaded', async () => {
    const receiver = await startReceiver({
      port: 0,
      loadSample: () => Promise.reject(new Error('the disk is full')),
    });
    onTestFinished(() => receiver.close());
    const page = await openPage(browser, receiver.url, { mayFail: /status of 500/ });
    await page.getByRole('button', { name: 'Load the sample' }).click();
    await page.getByText('the disk is full').waitFor();
    expect(await page.getByRole('button', { name: 'Load the sample' }).isEnabled()).toBe(true);
  });

  // Tables of ClickHouse may have traces of others: the server refuses (501).
  it.skipIf(isClickhouse)(
    'deletes all traces after a question, on all open pages, those of a trace too',
    async () => {
      const receiver = await startServer();
      await ingest(receiver, [
        ...madeUpTrace(),
        ingestionEvent('trace-create', { id: 'other', name: 'other' }),
      ]);
      const page = await openPage(browser, receiver.url);
      const other = await openPage(browser, receiver.url);
      const trace = await openPage(browser, `${receiver.url}/trace/made-up`);
      await trace.getByRole('heading', { name: 'support chat', level: 1 }).waitFor();
      await expect.poll(() => rows(other).count()).toBe(2);
      await page.getByRole('button', { name: 'Delete all traces' }).click();
      const question = page.getByRole('dialog', { name: 'Delete 2 traces?' });
      await question.getByRole('button', { name: 'Cancel' }).click();
      await question.waitFor({ state: 'hidden' });
      expect((await receiver.counts()).traces).toBe(2);
      await page.getByRole('button', { name: 'Delete all traces' }).click();
      await question.getByRole('button', { name: 'Delete all' }).click();
      for (const one of [page, other]) await one.getByText('Nothing has arrived yet').waitFor();
      await trace.getByText('there is nothing stored under "made-up"').waitFor();
      expect(await receiver.counts()).toMatchObject({ traces: 0, observations: 0, scores: 0 });
      expect(await page.getByRole('button', { name: 'Delete all traces' }).count()).toBe(0);
      // What comes afterwards is shown.
      await ingest(receiver, madeUpTrace());
      await rows(other).getByText('support chat').first().waitFor();
    },
  );

  it.each(['light', 'dark'] as const)(
    'has nothing serious for axe in the %s page, wide and narrow',
    async (colorScheme) => {
      for (const viewport of [WIDE, NARROW]) {
        const receiver = await startWithSample();
        const page = await openPage(browser, receiver.url, { colorScheme, viewport });
        await page.getByRole('button', { name: 'Load the sample' }).waitFor();
        expect(await violations(page)).toEqual([]);
        await ingest(receiver, madeUpTrace());
        await page.getByRole('button', { name: 'Delete all traces' }).click();
        await page.getByRole('dialog').waitFor();
        expect(await violations(page)).toEqual([]);
      }
    },
  );
});
