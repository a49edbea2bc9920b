/** Feedback from a page in Chromium against the local server, which has another origin: one click is one score, whatever happens. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest';
import { type Receiver, startReceiver } from '../../dist/receiver/receiver.js';
import { authorization } from '../unit/receiver/helpers.js';
import { type PageServer, servePages } from './chromium.js';
import { browser, describeInChromium } from './in-chromium.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';

// biome-ignore lint/suspicious/noExplicitAny: answers of the API
type Row = any;

let pages: PageServer;
let receiver: Receiver;
let context: BrowserContext;
/** Requests that reached the network, with their bodies. */
let requests: { method: string; body: Row }[];

describeInChromium('a page', () => {
  beforeAll(async () => {
    pages = await servePages();
  });
  afterAll(() => pages?.close());

  beforeEach(async () => {
    receiver = await startReceiver({ port: 0, strict: true });
    context = await browser.newContext();
    requests = [];
    context.on('request', (request) => {
      if (!request.url().startsWith(receiver.url)) return;
      requests.push({ method: request.method(), body: JSON.parse(request.postData() ?? 'null') });
    });
    const [opened, closing] = [context, receiver];
    onTestFinished(async () => {
      await opened.close();
      await closing.close();
    });
  });

  const example = () =>
    `${pages.origin}/?${new URLSearchParams({ publicKey: 'pk-lf-1', baseUrl: receiver.url, traceId: TRACE })}`;

  async function open(url: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }

  async function scores(): Promise<Row[]> {
    const response = await fetch(`${receiver.url}/api/public/v2/scores?limit=100`, {
      headers: { authorization },
    });
    return ((await response.json()) as Row).data;
  }

  /** Waits until so many scores are there. */
  const arrived = (count: number) =>
    expect.poll(async () => (await scores()).length, { timeout: 20_000, interval: 50 }).toBe(count);

  const stored = (page: Page) =>
    page.evaluate(() =>
      Object.keys((globalThis as Row).localStorage).filter((key) => key.startsWith('tailrace')),
    );

  /** Calls `score` of an instance with these options in the page. As a text: vitest would compile `import()` for itself. */
  const score = (page: Pick<Page, 'evaluate'>, body: object, options: object = {}): Promise<Row> => {
    const all = JSON.stringify({ publicKey: 'pk-lf-1', baseUrl: receiver.url, ...options });
    return page.evaluate(
      `import('${pages.origin}/browser.js').then((entry) => new entry.TailraceFeedback(${all}).score(${JSON.stringify(body)}))`,
    );
  };

  it('sends one score for one click, and for a double click; a click on the other thumb replaces it', async () => {
    const page = await open(example());
    await page.getByLabel('Comment').fill('kind');
    await page.getByLabel('Good answer').dblclick();
    await page.getByText('Thank you!').waitFor();
    await arrived(1);
    expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
    expect(await scores()).toMatchObject([
      {
        id: `${TRACE}-thumbs`,
        traceId: TRACE,
        name: 'thumbs',
        value: 1,
        dataType: 'BOOLEAN',
        comment: 'kind',
        source: 'API',
      },
    ]);
    await page.getByLabel('Bad answer').click();
    await expect
      .poll(async () => (await scores()).map(({ value }) => value), { timeout: 10_000 })
      .toEqual([0]);
    await expect.poll(() => stored(page)).toEqual([]);
    expect((await receiver.complaints()).complaints).toEqual([]);
  });

  it('sends one score that was clicked offline, after a reload, when it is online', async () => {
    const page = await open(example());
    await context.route(`${pages.origin}/**`, async (route) => {
      const response = await fetch(route.request().url());
      await route.fulfill({
        status: response.status,
        contentType: response.headers.get('content-type') ?? '',
        body: await response.text(),
      });
    });
    await context.setOffline(true);
    // Playwright does not keep a request of a page that goes away from the network.
    const { port } = receiver;
    await receiver.close();
    await page.getByLabel('Good answer').click();
    await page.getByText('Thank you!').waitFor();
    expect(await stored(page)).toHaveLength(1);
    await page.reload();
    expect(await stored(page)).toHaveLength(1);
    receiver = await startReceiver({ port, strict: true });
    onTestFinished(() => receiver.close());
    await context.setOffline(false);
    await arrived(1);
    await expect.poll(() => stored(page)).toEqual([]);
  });

  it('sends one score where the page is closed right after the click, and where it goes elsewhere', async () => {
    const page = await open(example());
    await page.evaluate(() => (globalThis as Row).document.querySelector('[name=up]').click());
    await page.close();
    await arrived(1);
    const other = await open(example().replace(TRACE, 'b'.repeat(32)));
    await other.evaluate(() => {
      (globalThis as Row).document.querySelector('[name=up]').click();
      (globalThis as Row).location.href = '/empty';
    });
    await arrived(2);
    // Chromium may never finish closing a context while one of its pages goes elsewhere.
    await other.waitForURL('**/empty');
  });

  it('sends what several tabs have stored once each, when the browser is online again', async () => {
    const tabs = await Promise.all([open(`${pages.origin}/empty`), open(`${pages.origin}/empty`)]);
    await context.setOffline(true);
    await context.route('**/browser.js', async (route) => {
      const response = await fetch(route.request().url());
      await route.fulfill({ contentType: 'text/javascript', body: await response.text() });
    });
    for (const [tab, page] of tabs.entries()) {
      for (let at = 0; at < 3; at++) {
        expect(await score(page, { traceId: TRACE, name: `n${tab}${at}`, value: at })).toMatchObject({
          status: 'queued',
        });
      }
    }
    expect(await stored(tabs[0]!)).toHaveLength(6);
    await context.setOffline(false);
    await arrived(6);
    await expect.poll(() => stored(tabs[1]!)).toEqual([]);
    expect((await scores()).map(({ name }) => name).sort()).toEqual([
      'n00',
      'n01',
      'n02',
      'n10',
      'n11',
      'n12',
    ]);
  });

  it('sends scores where storage is denied, and tries again from memory', async () => {
    const page = await open(`${pages.origin}/empty`);
    await page.evaluate(() =>
      Object.defineProperty(globalThis, 'localStorage', {
        get: () => {
          throw new Error('denied');
        },
      }),
    );
    let isDown = true;
    await context.route(`${receiver.url}/**`, (route) => (isDown ? route.abort() : route.continue()));
    expect(await score(page, { traceId: TRACE, name: 'n', value: 1 })).toMatchObject({ status: 'queued' });
    isDown = false;
    await arrived(1);
  });

  it('does not fail in a sandboxed frame, which a local server refuses', async () => {
    const page = await open(`${pages.origin}/frame`);
    const frame = page.frames()[1]!;
    expect(await score(frame, { traceId: TRACE, name: 'n', value: 1 })).toMatchObject({ status: 'queued' });
    expect(await scores()).toEqual([]);
  });

  it('sends a long comment, and values of each type', async () => {
    const page = await open(`${pages.origin}/empty`);
    const target = { traceId: TRACE, observationId: '00f067aa0ba902b7' };
    const long = 'ü'.repeat(60_000);
    for (const body of [
      { ...target, name: 'a', value: 0.5, comment: long },
      { ...target, name: 'b', value: 'good', metadata: { of: ['page'] } },
      { sessionId: 's', name: 'c', value: false },
    ]) {
      expect(await score(page, body, { environment: 'web' })).toEqual({
        status: 'sent',
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
      });
    }
    const all = (await scores()).sort((one, other) => (one.name < other.name ? -1 : 1));
    expect(all).toMatchObject([
      { ...target, value: 0.5, dataType: 'NUMERIC', comment: long, environment: 'web' },
      { ...target, stringValue: 'good', dataType: 'CATEGORICAL', metadata: { of: ['page'] } },
      { sessionId: 's', traceId: null, value: 0, dataType: 'BOOLEAN' },
    ]);
    expect((await receiver.complaints()).complaints).toEqual([]);
  });
});
