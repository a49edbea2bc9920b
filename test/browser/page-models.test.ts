/** Models in Chromium. */
import { expect, it } from 'vitest';
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

describeInChromium('models', () => {
  it.skipIf(!HAS_AIRLINE)(
    'of the recorded runs: 642 calls of gpt-4o, which lead to their traces',
    async () => {
      const receiver = await startServer();
      await replayAirline(receiver);
      const page = await openPage(browser, `${receiver.url}/models`);
      await page.getByText('1 model in 50 traces').waitFor();
      const cells = await page.getByRole('row').nth(1).getByRole('cell').allTextContents();
      expect(cells.slice(0, 3)).toEqual(['gpt-4o', '642', '0 · 0%']);
      expect(cells[3]).toMatch(/^≈ input [\d.,]+[KM]?, output/);
      expect(cells[4]).toMatch(/^≈ \$\d+\.\d\d$/);
      // 400 ms until the first token, by the clock of the replay.
      expect(cells[9]).toBe('400 ms');
      await page.getByRole('img', { name: /^642 calls, up to/ }).waitFor();
      await page.getByRole('button', { name: 'Latency' }).click();
      await page.getByText(/p95 · up to/).waitFor();
      await page.getByRole('link', { name: 'gpt-4o' }).click();
      await page.getByText('50 of 50 traces').waitFor();
      expect(parametersOf(page)).toEqual({ model: 'gpt-4o' });
    },
  );

  it('show tokens by kind, failures and the time to the first token', async () => {
    const receiver = await startServer();
    await ingest(receiver, madeUpTrace());
    await receiver.usage();
    const page = await openPage(browser, `${receiver.url}/models`);
    await page.getByText('1 model in 1 trace').waitFor();
    const row = page.getByRole('row').nth(1);
    expect(await row.textContent()).toMatch(/input 8\d\d, output 13\d/);
    // Of the one call with a first token.
    expect(await row.getByTitle(/^of 1 call; p95 480 ms/).textContent()).toBe('480 ms');
  });

  it('hold hostile texts as texts', async () => {
    const receiver = await startServer();
    await ingestHostile(receiver);
    const page = await openPage(browser, `${receiver.url}/models`);
    await page.getByText(`${HOSTILE.length} models in ${HOSTILE.length} traces`).waitFor();
    await expectInert(page);
    await page.getByTitle(`The traces with ${HOSTILE[1]} in which something failed`).click();
    await page.getByText(`1 of ${HOSTILE.length} traces`).waitFor();
    expect(parametersOf(page)).toEqual({ model: HOSTILE[1], level: 'ERROR' });
  });

  it('say that there are none, and look as they should: axe, light and dark, wide and narrow', async () => {
    const receiver = await startServer();
    const empty = await openPage(browser, `${receiver.url}/models`);
    await empty.getByText('No call of a model yet').waitFor();
    await ingest(receiver, madeUpTrace());
    await receiver.usage();
    await empty.getByText('1 model in 1 trace').waitFor();
    await checkLooks(browser, `${receiver.url}/models`, (page) =>
      page.getByText('1 model in 1 trace').waitFor(),
    );
  });
});
