/** Scores in Chromium: distributions, means over time, and the way to bad traces. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { ingestionEvent } from '../unit/receiver/helpers.js';
import { browser, describeInChromium } from './in-chromium.js';
import { madeUpTrace } from './made-up-trace.js';
import { ingest, openPage, parametersOf, startServer } from './open-page.js';
import {
  checkLooks,
  expectInert,
  HAS_AIRLINE,
  HOSTILE,
  ingestHostile,
  replayAirline,
} from './page-checks.js';

const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

describeInChromium('scores', () => {
  it.skipIf(!HAS_AIRLINE)('lead from the list to the bad runs in two clicks', async () => {
    const receiver = await startServer();
    await replayAirline(receiver);
    const page = await openPage(browser, receiver.url);
    await page.getByRole('link', { name: 'Scores' }).click();
    await card(page, 'reward').getByRole('link', { name: '0 29 · 58%' }).click();
    await page.getByText('29 of 50 traces').waitFor();
    expect(parametersOf(page)).toEqual({ score: 'reward=0' });
    await page.goBack();
    await card(page, 'reward').getByText('50 scores on 50 traces · mean 0.42').waitFor();
    await card(page, 'reward').getByRole('link', { name: 'Lowest first' }).click();
    await page.getByText('Sorted by the score reward, lowest first.').waitFor();
  });

  it('of each type: numbers, booleans, categories', async () => {
    const receiver = await startServer();
    await ingest(receiver, madeUpTrace());
    const page = await openPage(browser, `${receiver.url}/scores`);
    await page.getByText('3 score names in 1 trace').waitFor();
    await card(page, 'helpful').getByText('BOOLEAN').waitFor();
    await card(page, 'helpful').getByRole('link', { name: 'False 1 · 100%' }).waitFor();
    await card(page, 'accuracy').getByRole('link', { name: '0.35 1 · 100%' }).waitFor();
    await card(page, 'tone').getByRole('link', { name: 'kind 1 · 100%' }).click();
    await page.getByText('1 of 1 trace').waitFor();
    expect(parametersOf(page)).toEqual({ score: 'tone=kind' });
  });

  it('of many values are a histogram with a mean over time, and each bar is its traces', async () => {
    const receiver = await startServer();
    const scored = Array.from({ length: 100 }, (_, at) => {
      const timestamp = new Date(Date.UTC(2026, 0, 15) + at * 60_000).toISOString();
      return [
        ingestionEvent('trace-create', { id: `t${at}`, timestamp, release: at < 50 ? 'A' : 'B' }),
        ingestionEvent('score-create', {
          id: `s${at}`,
          traceId: `t${at}`,
          name: 'quality',
          value: at,
          timestamp,
        }),
      ];
    });
    await ingest(receiver, scored.flat());
    const page = await openPage(browser, `${receiver.url}/scores`);
    const quality = card(page, 'quality');
    await quality.getByText('100 scores on 100 traces · mean 49.5').waitFor();
    expect(await quality.locator('.score-bars li').count()).toBe(10);
    await quality.getByRole('img', { name: /^Mean over time: / }).waitFor();
    await quality.locator('.score-bars a').first().click();
    await page.getByText('10 of 100 traces').waitFor();
    expect(new URL(page.url()).searchParams.getAll('score')).toEqual(['quality>=0', 'quality<9.9']);
    await page.goto(`${receiver.url}/scores?release=B`);
    await quality.getByText('50 scores on 50 traces · mean 74.5').waitFor();
  });

  it('come in live', async () => {
    const receiver = await startServer();
    const page = await openPage(browser, `${receiver.url}/scores`);
    await page.getByText('No trace has a score yet.').waitFor();
    await ingest(receiver, madeUpTrace());
    await page.getByText('3 score names in 1 trace').waitFor();
  });

  it('hold hostile texts as texts', async () => {
    const receiver = await startServer();
    await ingestHostile(receiver);
    const page = await openPage(browser, `${receiver.url}/scores`);
    await page.getByText(`${2 * HOSTILE.length} score names in ${HOSTILE.length} traces`).waitFor();
    await expectInert(page);
    // The language of filters cannot say names and values with signs of comparison.
    expect(await card(page, HOSTILE[0]!).locator('.score-bars a').count()).toBe(0);
    await card(page, '__proto__').locator('.score-bars a').click();
    await page.getByText(`1 of ${HOSTILE.length} traces`).waitFor();
  });

  it('look as they should: axe, light and dark, wide and narrow', async () => {
    const receiver = await startServer();
    await ingest(receiver, madeUpTrace());
    await checkLooks(browser, `${receiver.url}/scores`, (page) =>
      page.getByText('3 score names in 1 trace').waitFor(),
    );
  });
});
