/** Selection, export and import on the page, in Chromium. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { browser, describeInChromium } from './in-chromium.js';
import { ingest, NARROW, openPage, startServer } from './open-page.js';

const at = (second: number) => new Date(Date.UTC(2026, 0, 15, 12, 0, second)).toISOString();
const traces = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `e${index}`,
    type: 'trace-create',
    timestamp: at(index),
    body: {
      id: `t${index}`,
      name: `trace ${index}`,
      timestamp: at(index),
      tags: [index % 2 === 0 ? 'even' : 'odd'],
    },
  }));

describeInChromium('selection, export and import', () => {
  it('selects rows by click, by a range with Shift, and by keys; two can be compared', async () => {
    const receiver = await startServer();
    await ingest(receiver, traces(6));
    const page = await openPage(browser, receiver.url);
    const bar = page.getByRole('toolbar', { name: 'Selected traces' });
    await page.getByLabel('Select trace 5').click();
    await expect.poll(() => bar.textContent()).toContain('1 trace selected');
    await page.getByLabel('Select trace 2').click({ modifiers: ['Shift'] });
    await expect.poll(() => bar.textContent()).toContain('4 traces selected');
    expect(await bar.getByText('Compare').count()).toBe(0);
    await bar.getByText('Clear').click();
    await expect.poll(() => bar.count()).toBe(0);
    // The page has not left the list.
    expect(new URL(page.url()).pathname).toBe('/');
    await page.getByRole('heading', { name: 'Traces' }).click();
    for (const key of ['j', 'x', 'j', 'X']) await page.keyboard.press(key);
    await expect.poll(() => bar.textContent()).toContain('2 traces selected');
    expect(await bar.getByText('Compare').getAttribute('href')).toBe('/compare?a=t5&b=t4');
    await page.getByLabel('Select all rows').click();
    await expect.poll(() => bar.textContent()).toContain('6 traces selected');
  });

  it('exports the selection, the result of a filter, and a trace, as files', async () => {
    const receiver = await startServer();
    await ingest(receiver, traces(4));
    const page = await openPage(browser, `${receiver.url}/?tag=even`);
    const saved = async (click: () => Promise<void>) => {
      const [download] = await Promise.all([page.waitForEvent('download'), click()]);
      const text = await readFile(await download.path(), 'utf8');
      const ids = [...text.matchAll(/"body":\{"id":"(t\d)"/g)].map(([, id]) => id);
      return { name: download.suggestedFilename(), ids, text };
    };
    const filtered = page.getByTitle('Export all traces that match');
    await filtered.click();
    const all = await saved(() => page.getByRole('link', { name: 'Replayable JSON' }).click());
    expect(all).toMatchObject({ name: 'tailrace-replay.jsonl', ids: ['t0', 't2'] });
    await page.getByLabel('Select trace 2').click();
    const bar = page.getByRole('toolbar');
    await bar.getByText('Export').click();
    const one = await saved(() => bar.getByRole('link', { name: 'Replayable JSON' }).click());
    expect(one.ids).toEqual(['t2']);
    await page.goto(`${receiver.url}/trace/t1`);
    await page.getByTitle('Export this trace').click();
    const otlp = await saved(() => page.getByRole('link', { name: 'OTLP JSON' }).click());
    expect(otlp.name).toBe('tailrace-otlp.jsonl');
    expect(JSON.parse(otlp.text).resourceSpans).toHaveLength(1);
    // Its id is none of OTLP.
    await page.getByText('Exported 1 trace. Left out:').waitFor();
    await page.getByText('the id of trace t1, which is none of OTLP').waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await expect.poll(() => page.getByText('Left out:').count()).toBe(0);
  });

  it('says of an export that left nothing out what it wrote', async () => {
    const receiver = await startServer();
    await ingest(receiver, traces(3));
    const page = await openPage(browser, receiver.url);
    await page.getByTitle('Export all traces that match').click();
    const link = page.getByRole('link', { name: 'Replayable JSON' });
    await Promise.all([page.waitForEvent('download'), link.click()]);
    await page.getByText('Exported 3 traces.').waitFor();
    expect(await page.getByText('Left out:').count()).toBe(0);
  });

  it('deletes the selection after a second click', async () => {
    const receiver = await startServer();
    await ingest(receiver, traces(3));
    const page = await openPage(browser, receiver.url);
    await page.getByLabel('Select trace 1').click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Delete 1 trace for ever' }).click();
    await expect.poll(() => page.getByLabel('Select trace 1').count()).toBe(0);
    expect((await receiver.counts()).traces).toBe(2);
    expect(await page.getByRole('toolbar').count()).toBe(0);
  });

  it('imports files that are chosen or dropped, and names what is refused, as text', async () => {
    const source = await startServer();
    await ingest(source, traces(2));
    const exported = await (await fetch(`${source.url}/api/tailrace/export`)).text();
    const receiver = await startServer();
    const page = await openPage(browser, receiver.url);
    await page.getByText('Nothing has arrived yet').waitFor();
    await page.setInputFiles('input[type=file]', {
      name: 'a.jsonl',
      mimeType: 'application/json',
      buffer: Buffer.from(exported),
    });
    await page.getByText('a.jsonl: 2 traces, 0 observations, 0 scores stored.').waitFor();
    await page.getByText('trace 1').first().waitFor();
    const line = '{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}';
    const content = JSON.stringify(`${line}\nnonsense`);
    const drop = await page.evaluateHandle(`(() => {
      const data = new DataTransfer();
      data.items.add(new File([${content}], '<b>dropped</b>.jsonl'));
      return data;
    })()`);
    await page.dispatchEvent('body', 'dragover', { dataTransfer: drop });
    await page.getByText('Drop the files to import them').waitFor();
    await page.dispatchEvent('body', 'drop', { dataTransfer: drop });
    await page.getByText('<b>dropped</b>.jsonl: 1 trace, 1 observation, 0 scores stored.').waitFor();
    await page.getByText('Line 2: it is not JSON').waitFor();
    expect((await receiver.counts()).traces).toBe(3);
  });

  it('selects on a narrow screen as well', async () => {
    const receiver = await startServer();
    await ingest(receiver, traces(2));
    const page = await openPage(browser, receiver.url, { viewport: NARROW });
    await page.getByLabel('Select trace 1').click();
    await expect.poll(() => page.getByRole('toolbar').textContent()).toContain('1 trace selected');
    expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
  });
});
