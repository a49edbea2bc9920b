/** The list of traces in Chromium: live, filters in the address, sorting, the chart, the empty state. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { replayFile } from '../../dist/cli/replay/replay.js';
import { Tailrace } from '../../dist/index.js';
import { isClickhouse } from '../support/receiver.js';
import { baseMs, ingestionEvent } from '../unit/receiver/helpers.js';
import { browser, describeInChromium } from './in-chromium.js';
import { madeUpTrace } from './made-up-trace.js';
import { ingest, NARROW, openPage, parametersOf, startServer } from './open-page.js';

const AIRLINE = fileURLToPath(new URL('../../../shared/data/airline-agent-runs.jsonl', import.meta.url));

const rows = (page: Page) => page.locator('.trace-table .rows [role=row]');
const counts = (page: Page) => page.getByRole('status').first();
/** The box of a value in the panel of filters. */
const choice = (page: Page, value: string) =>
  page
    .locator('.filters li')
    .filter({ has: page.locator('.value', { hasText: new RegExp(`^${value}$`) }) })
    .getByRole('checkbox');
const names = (page: Page) => page.locator('.trace-table .rows .trace-link').allTextContents();

describeInChromium('the list', () => {
  const trace = (id: string, more: object = {}) => ingestionEvent('trace-create', { id, name: id, ...more });

  it('tells a newcomer where to send traces, and shows the first without a reload', async () => {
    const receiver = await startServer();
    const page = await openPage(browser, receiver.url);
    await page.getByText('Nothing has arrived yet').waitFor();
    expect(await page.locator('.snippet pre').textContent()).toContain(
      `export LANGFUSE_BASE_URL=${receiver.url}\n`,
    );
    await page.getByRole('button', { name: 'OpenTelemetry' }).click();
    expect(await page.locator('.snippet pre').textContent()).toContain(
      `OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url}\n`,
    );
    await ingest(receiver, [trace('first')]);
    await page.getByRole('link', { name: 'first' }).waitFor();
  });

  it('is live: new traces come in, changed ones change, deleted ones go; a paused list waits', async () => {
    const receiver = await startServer();
    await ingest(receiver, [trace('one')]);
    const page = await openPage(browser, receiver.url);
    await page.getByRole('link', { name: 'one' }).waitFor();
    await page.getByRole('button', { name: 'Live' }).waitFor();
    await ingest(receiver, [trace('two')]);
    await page.getByRole('link', { name: 'two' }).waitFor();
    await ingest(receiver, [trace('one', { name: 'one again' })]);
    await page.getByRole('link', { name: 'one again' }).waitFor();
    await page.getByRole('button', { name: 'Live' }).click();
    await ingest(receiver, [trace('three')]);
    await page.getByRole('button', { name: 'Paused · 1 changed' }).waitFor();
    expect(await names(page)).not.toContain('three');
    await page.getByRole('button', { name: /Paused/ }).click();
    await page.getByRole('link', { name: 'three' }).waitFor();
    await fetch(`${receiver.url}/api/public/traces/two`, {
      method: 'DELETE',
      headers: { authorization: `Basic ${btoa('pk:sk')}` },
    });
    await page.getByRole('link', { name: 'two' }).waitFor({ state: 'detached' });
  });

  it('holds filters, search and order in the address, so back and forward and a new tab show the same', async () => {
    const receiver = await startServer();
    await ingest(receiver, [
      ...madeUpTrace(),
      trace('other', { userId: 'bob', input: 'needle', timestamp: new Date(0).toISOString() }),
    ]);
    const page = await openPage(browser, receiver.url);
    await page.getByRole('link', { name: 'other' }).waitFor();
    await choice(page, 'ada').check();
    await page.getByText('1 of 2 traces').waitFor();
    expect(await names(page)).toEqual(['support chat']);
    await page.getByRole('button', { name: 'Remove the filter User: ada' }).click();
    await page.getByRole('button', { name: 'Failed' }).click();
    await expect.poll(() => names(page)).toEqual(['support chat']);
    expect(parametersOf(page)).toEqual({ level: 'ERROR' });
    await page.goBack();
    await expect.poll(() => names(page)).toEqual(['support chat', 'other']);
    await page.goForward();
    await expect.poll(() => names(page)).toEqual(['support chat']);
    await page.goBack();
    await page.keyboard.press('/');
    await page.keyboard.type('NEEDLE');
    await expect.poll(() => names(page)).toEqual(['other']);
    await page.getByRole('button', { name: 'Clear all' }).click();
    await page.getByRole('button', { name: 'Name', exact: true }).click();
    await expect.poll(() => names(page)).toEqual(['other', 'support chat']);
    const same = await openPage(browser, page.url());
    await expect.poll(() => names(same)).toEqual(['other', 'support chat']);
  });

  it('adds a filter by a click on a value, and finds nothing without an error', async () => {
    const receiver = await startServer();
    await ingest(receiver, [trace('a', { tags: ['x', 'y'] }), trace('b', { tags: ['y'] })]);
    const page = await openPage(browser, receiver.url);
    await page.locator('.column-tags').getByText('x').click();
    await expect.poll(() => names(page)).toEqual(['a']);
    await page.goto(`${receiver.url}/?name=nobody`);
    await page.getByText('No trace matches these filters.').waitFor();
    await page.goto(`${receiver.url}/?minCost=x`);
    await page.getByRole('alert').getByText('query parameter minCost must be a number').waitFor();
    await page.goto(`${receiver.url}/?sort=none`);
    await page.getByRole('alert').getByText('query parameter sort must be one of').waitFor();
    expect(await page.getByText('Loading…').count()).toBe(0);
  });

  it('has room for long durations, and for a day of another year, on all pages', async () => {
    const receiver = await startServer();
    const now = Date.now();
    const lasting = (id: string, seconds: number, startMs = now) => [
      trace(id, { sessionId: id, timestamp: new Date(startMs).toISOString() }),
      ingestionEvent('generation-create', {
        id: `${id}-g`,
        traceId: id,
        model: id,
        startTime: new Date(startMs).toISOString(),
        endTime: new Date(startMs + seconds * 1000).toISOString(),
      }),
    ];
    const yesterday = new Date(now - 86_400_000).setUTCHours(3, 59);
    const early = Date.UTC(1999, 11, 28, 12);
    await ingest(receiver, [
      ...lasting('a', 3_599),
      ...lasting('b', 47 * 3_600 + 3_540),
      ...lasting('c', 1, early),
      ...lasting('d', 1, yesterday),
    ]);
    for (const name of ['', 'sessions', 'models']) {
      const page = await openPage(browser, `${receiver.url}/${name}`);
      await page.getByText('59 min 59 s').first().waitFor();
      const cut = await page
        .locator('[role=gridcell], [role=cell]')
        .evaluateAll((cells) =>
          cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map(({ textContent }) => textContent),
        );
      expect({ name, cut }).toEqual({ name, cut: [] });
    }
  });

  it('filters by metadata, by a range, and by a part of a status message', async () => {
    const receiver = await startServer();
    await ingest(receiver, [...madeUpTrace(), trace('other', { metadata: { tier: 'free' } })]);
    const page = await openPage(browser, receiver.url);
    await page.getByLabel('Metadata key').fill('tier');
    await page.getByLabel('Metadata value').fill('gold');
    await page.getByRole('button', { name: 'Add' }).click();
    await expect.poll(() => names(page)).toEqual(['support chat']);
    expect(parametersOf(page)).toEqual({ metadata: 'tier=gold' });
    await page.getByRole('button', { name: 'Clear all' }).click();
    await page.getByLabel('Duration from').fill('3.5');
    await page.getByLabel('Duration from').press('Enter');
    await expect.poll(() => names(page)).toEqual(['support chat']);
    await page.getByRole('button', { name: 'Remove the filter Duration from: 3.50 s' }).waitFor();
    await page.getByLabel('Status message').fill('nothing like this');
    await page.getByLabel('Status message').press('Enter');
    await page.getByText('No trace matches these filters.').waitFor();
  });

  it('finds the server again after a restart, and shows what is there then', async () => {
    const first = await startServer();
    await ingest(first, [trace('before')]);
    const page = await openPage(browser, first.url, { mayFail: /ERR_/ });
    await page.getByRole('button', { name: 'Live' }).waitFor();
    await first.close();
    await page.getByRole('button', { name: 'Connecting' }).waitFor();
    const second = await startServer({ port: first.port });
    await ingest(second, [trace('after')]);
    await page.getByRole('link', { name: 'after' }).waitFor();
    expect(await names(page)).toEqual(['after']);
  });

  it('works with a server that has keys, which the browser asks for: list, stream, trace', async () => {
    const keys = { publicKey: 'pk-lf-ours', secretKey: 'sk-lf-ours' };
    const receiver = await startServer({ keys });
    const send = (id: string) =>
      fetch(`${receiver.url}/api/public/ingestion`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${btoa(`${keys.publicKey}:${keys.secretKey}`)}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ batch: [trace(id, { input: `of ${id}` })] }),
      });
    await send('first');
    const httpCredentials = { username: keys.publicKey, password: keys.secretKey };
    const page = await openPage(browser, receiver.url, { httpCredentials });
    await page.getByRole('button', { name: 'Live' }).waitFor();
    await send('second');
    await page.getByRole('link', { name: 'second' }).click();
    await page.locator('.payload').getByText('of second').waitFor();
  });

  it('chooses columns, and keeps the choice', async () => {
    const receiver = await startServer();
    await ingest(receiver, [trace('a', { sessionId: 'my session' })]);
    const page = await openPage(browser, receiver.url);
    await page.getByText('Columns').click();
    await page.locator('.menu-list').getByLabel('Session').check();
    await page.getByRole('cell', { name: 'my session' }).waitFor();
    await page.locator('.menu-list').getByLabel('Output').uncheck();
    await page.reload();
    await page.getByRole('cell', { name: 'my session' }).waitFor();
    expect(await page.getByRole('columnheader', { name: 'Output' }).count()).toBe(0);
  });

  it('filters by a drag over the chart', async () => {
    const receiver = await startServer();
    const at = (s: number) => ({ timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, s)).toISOString() });
    await ingest(receiver, [trace('early', at(0)), trace('middle', at(100)), trace('late', at(200))]);
    const page = await openPage(browser, receiver.url);
    const box = (await page.locator('.bars').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.3, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, box.y + 20, { steps: 4 });
    await page.mouse.up();
    await expect.poll(() => names(page)).toEqual(['middle']);
    expect(Object.keys(parametersOf(page)).sort()).toEqual(['from', 'to']);
  });

  it('shows figures as what they are: unknown ones, estimates, errors, booleans, scores by name', async () => {
    const receiver = await startServer();
    await ingest(receiver, madeUpTrace());
    await receiver.usage();
    const page = await openPage(browser, receiver.url);
    const row = rows(page).first();
    await row.getByText('helpful False').waitFor();
    expect(await row.locator('.column-scores').textContent()).toBe('accuracy 0.35helpful Falsetone kind');
    expect(await row.locator('.column-errors .bad').textContent()).toBe('2');
    expect(await row.locator('.column-tokens .estimate').textContent()).toMatch(/^≈ \d/);
    expect(await row.getByText('1 complaint').count()).toBe(1);
    expect(await row.locator('.column-duration').textContent()).toBe('4.00 s');
    // In the time zone of the browser.
    expect(await row.locator('time').getAttribute('title')).toContain('9:00:00 PM GMT+9');
    await ingest(receiver, [trace('bare')]);
    const bare = rows(page).filter({ hasText: 'bare' });
    await bare.waitFor();
    expect(await bare.locator('.column-cost').textContent()).toBe('–');
  });

  it('lists complaints that belong to no trace', async () => {
    const receiver = await startServer();
    await ingest(receiver, [ingestionEvent('score-create', { id: 'x', name: 'n', value: 1 })]);
    const page = await openPage(browser, receiver.url);
    await page.getByText('Complaints that belong to no stored trace').waitFor();
    await page.getByRole('cell', { name: /a score must have exactly one of/ }).waitFor();
  });

  it.skipIf(isClickhouse)(
    'says how large the database is, its bound, and how many traces were evicted for it',
    async () => {
      const maxBytes = 2 * 1024 * 1024;
      const receiver = await startServer({ maxBytes });
      const page = await openPage(browser, receiver.url);
      await page.getByText(/^The database holds [\d.]+ MiB of at most 2 MiB\.$/).waitFor();
      for (let at = 0; at < 40; at++) {
        await ingest(receiver, [trace(`t${at}`, { input: randomBytes(75_000).toString('base64') })]);
      }
      await page.getByText(/ of at most 2 MiB\. \d+ older traces were evicted\.$/).waitFor();
      const unbound = await openPage(browser, (await startServer()).url);
      await unbound.getByText(/^The database holds [\d.]+ MiB\.$/).waitFor();
    },
  );

  it('reads on while somebody scrolls, and keeps few rows in the document', async () => {
    const receiver = await startServer();
    const batch = Array.from({ length: 450 }, (_, at) =>
      trace(`t${at}`, { timestamp: new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString() }),
    );
    await ingest(receiver, batch);
    const page = await openPage(browser, receiver.url);
    await page.getByRole('link', { name: 't449' }).waitFor();
    await expect
      .poll(async () => {
        await page.locator('.trace-table').evaluate((element) => element.scrollTo(0, element.scrollHeight));
        return (await names(page)).at(-1);
      })
      .toBe('t0');
    expect(await rows(page).count()).toBeLessThan(80);
  });

  it('is cards on a narrow screen, with filters over them, and nothing is cut off', async () => {
    const receiver = await startServer();
    await ingest(receiver, madeUpTrace());
    const page = await openPage(browser, receiver.url, { viewport: NARROW });
    await page.getByText('accuracy 0.35').waitFor();
    const isWide = () =>
      page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
    expect(await isWide()).toBe(false);
    await page.getByRole('button', { name: 'Filters' }).click();
    await choice(page, 'ada').check();
    await page.getByRole('button', { name: 'Show 1 trace' }).click();
    await page.getByText('1 of 1 trace').waitFor();
    expect(await isWide()).toBe(false);
  });

  it('says how far back a search came that had no time for all, and lets it go on', async () => {
    const receiver = await startServer();
    await ingest(receiver, madeUpTrace());
    const page = await openPage(browser, receiver.url);
    // As a server with much text answers: the first time, it has not read all.
    await page.route(
      ({ pathname, searchParams }) =>
        pathname === '/api/tailrace/traces' &&
        searchParams.get('q') === 'parcel' &&
        !searchParams.has('further'),
      async (route) => {
        const response = await route.fetch();
        await route.fulfill({
          response,
          json: { ...(await response.json()), searchedFromUs: baseMs * 1000 },
        });
      },
    );
    await page.goto(`${receiver.url}/?q=parcel`);
    const notice = page.getByText(/The search went back to .*January 15, 2026/);
    await notice.waitFor();
    await page.getByRole('button', { name: 'Search further back' }).click();
    await notice.waitFor({ state: 'detached' });
    expect(parametersOf(page)).toEqual({ q: 'parcel', further: '1' });
    await page.getByText('1 of 1 trace').waitFor();
    // Another text begins anew.
    await page.getByRole('searchbox').fill('truck');
    await page.keyboard.press('Enter');
    await expect.poll(() => parametersOf(page)).toEqual({ q: 'truck' });
  });

  it('opens a trace by keys, and comes back to where it was', async () => {
    const receiver = await startServer();
    await ingest(receiver, [trace('a', { userId: 'u' }), trace('b', { userId: 'u' })]);
    const page = await openPage(browser, `${receiver.url}/?user=u`);
    await page.getByRole('link', { name: 'a', exact: true }).waitFor();
    const [, second] = await names(page);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: second, level: 1 }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('2 of 2 traces').waitFor();
    expect(parametersOf(page)).toEqual({ user: 'u' });
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('next, previous error').waitFor();
  });

  it.skipIf(!existsSync(AIRLINE))(
    'leaves 29 of the 50 recorded agent runs with the filter reward = 0, in two clicks',
    async () => {
      const receiver = await startServer();
      const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: receiver.url });
      await replayFile(client, AIRLINE, { name: 'runs' });
      await client.shutdown();
      // All rows are visible, so all are in the document.
      const page = await openPage(browser, receiver.url, { viewport: { width: 1280, height: 2400 } });
      await counts(page).getByText('50 traces').waitFor();
      await choice(page, '0').check();
      await counts(page).getByText('29 of 50 traces').waitFor();
      expect(parametersOf(page)).toEqual({ score: 'reward=0' });
      await expect.poll(() => rows(page).count()).toBe(29);
      expect(await rows(page).filter({ hasText: 'reward 1' }).count()).toBe(0);
      // The rows can be told apart.
      const inputs = await page.locator('.trace-table .rows .column-input').allTextContents();
      expect(new Set(inputs).size).toBeGreaterThan(25);
      await page.getByRole('button', { name: 'Clear all' }).click();
      await page.getByRole('button', { name: 'worst first' }).click();
      await page.getByText('Sorted by the score reward, lowest first.').waitFor();
      await expect.poll(() => rows(page).first().locator('.column-scores').textContent()).toBe('reward 0');
    },
  );
});
