/** Tools in Chromium. */
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

describeInChromium('tools', () => {
  it.skipIf(!HAS_AIRLINE)('of the recorded runs, by their calls, which lead to their traces', async () => {
    const receiver = await startServer();
    await replayAirline(receiver);
    const page = await openPage(browser, receiver.url);
    await page.getByRole('link', { name: 'Tools' }).click();
    await page.getByText(/^\d+ tools in 50 traces$/).waitFor();
    const calls = await page.getByRole('row').getByRole('cell').nth(1).allTextContents();
    const all = await page.locator('.summary-table .rows [role=row] > :nth-child(2)').allTextContents();
    expect(calls[0]).toBe(all[0]);
    // Each call of the recording is one.
    expect(all.reduce((sum, text) => sum + Number(text), 0)).toBeGreaterThanOrEqual(282);
    expect(all.map(Number)).toEqual(all.map(Number).sort((a, b) => b - a));
    const first = page.locator('.summary-table .rows [role=row]').first();
    const traces = await first.getByRole('cell').nth(3).textContent();
    const name = await first.locator('.trace-link').textContent();
    await first.locator('.trace-link').click();
    await page.getByText(`${traces} of 50 traces`).waitFor();
    expect(parametersOf(page)).toEqual({ tool: name });
  });

  it('that failed lead to the traces in which they failed', async () => {
    const receiver = await startServer();
    await ingest(receiver, madeUpTrace());
    const page = await openPage(browser, `${receiver.url}/tools`);
    await page.getByText('1 tool in 1 trace').waitFor();
    await page.getByText('is not counted').waitFor();
    await page.getByRole('link', { name: '1 · 100%' }).click();
    await page.getByText('1 of 1 trace').waitFor();
    expect(parametersOf(page)).toEqual({ failedTool: 'find_parcel' });
    await page.getByRole('button', { name: 'Remove the filter Failed tool: find_parcel' }).waitFor();
  });

  it('hold hostile texts as texts', async () => {
    const receiver = await startServer();
    await ingestHostile(receiver);
    const page = await openPage(browser, `${receiver.url}/tools`);
    await page.getByText(`${HOSTILE.length} tools in ${HOSTILE.length} traces`).waitFor();
    await expectInert(page);
    await page.getByRole('link', { name: HOSTILE[7]!, exact: true }).click();
    await page.getByText(`1 of ${HOSTILE.length} traces`).waitFor();
  });

  it('say that there are none, and look as they should: axe, light and dark, wide and narrow', async () => {
    const receiver = await startServer();
    const empty = await openPage(browser, `${receiver.url}/tools`);
    await empty.getByText('No call of a tool yet').waitFor();
    await ingest(receiver, madeUpTrace());
    await checkLooks(browser, `${receiver.url}/tools`, (page) =>
      page.getByText('1 tool in 1 trace').waitFor(),
    );
  });
});
