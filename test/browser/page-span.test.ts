/** Details of OpenTelemetry spans in Chromium: events, exceptions with their stack, links, resource, scope. */

import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Receiver } from '../../dist/receiver/receiver.js';
import { baseMs, ingestionEvent, otelSpan, postProtobuf, traceA, traceB } from '../unit/receiver/helpers.js';
import { violations } from './axe.js';
import { browser, describeInChromium } from './in-chromium.js';
import { ingest, NARROW, openPage, startServer, WIDE } from './open-page.js';

const HOSTILE = `"><img src=x onerror="globalThis.hacked=1"><script>globalThis.hacked=1</script>`;
const STACK = 'TypeError: no parcel\n    at find (/app/tools.js:12:9)\n    at run (/app/agent.js:4:3)';
const ELSEWHERE = 'c'.repeat(32);
const [SPAN, OTHER] = ['00f067aa0ba902b7', '00f067aa0ba902b8'];

const nano = (ms: number): [number, number] => [
  Math.floor((baseMs + ms) / 1000),
  ((baseMs + ms) % 1000) * 1e6,
];
const section = (page: Page, name: string) =>
  page.locator('.payload').filter({ has: page.getByRole('heading', { name, exact: true }) });

/** A span of a foreign instrumentation, as the official exporter writes it. */
function span(more: Partial<ReadableSpan>): ReadableSpan {
  const made = otelSpan({ spanId: SPAN, name: 'fetch parcel', scope: 'my-library', error: 'no parcel' });
  return Object.create(made, Object.getOwnPropertyDescriptors(more)) as ReadableSpan;
}

async function send(receiver: Receiver, ...spans: ReadableSpan[]): Promise<void> {
  await postProtobuf(receiver.url, ProtobufTraceSerializer.serializeRequest(spans) as Uint8Array);
}

const context = (traceId: string, spanId: string) => ({ traceId, spanId, traceFlags: 1 });

describeInChromium('a span', () => {
  async function openSpan(options = {}): Promise<{ page: Page; receiver: Receiver }> {
    const receiver = await startServer();
    await send(receiver, otelSpan({ traceId: traceB, spanId: OTHER, name: 'asked for it' }));
    const exception = {
      name: 'exception',
      time: nano(120),
      attributes: {
        'exception.type': 'TypeError',
        'exception.message': 'no parcel',
        'exception.stacktrace': STACK,
        'exception.escaped': true,
      },
    };
    const events = [{ name: 'retry', time: nano(50), attributes: { attempt: 2, why: HOSTILE } }, exception];
    const links = [
      { context: context(traceB, OTHER), attributes: { kind: 'caused by' } },
      { context: context(ELSEWHERE, OTHER), attributes: { [HOSTILE]: HOSTILE } },
    ];
    await send(receiver, span({ events, links }));
    const page = await openPage(browser, `${receiver.url}/trace/${traceA}?observation=${SPAN}`, options);
    await section(page, 'Events').waitFor();
    return { page, receiver };
  }

  it('shows events with their time and attributes, an exception with its stack by lines', async () => {
    const { page } = await openSpan();
    const events = section(page, 'Events').locator('.span-events > li');
    expect(await events.count()).toBe(2);
    expect(await events.nth(0).textContent()).toMatch(/retry \+50 ms.*attempt: 2/);
    expect(await events.nth(1).locator('p b').textContent()).toBe('TypeError');
    expect(await events.nth(1).textContent()).toMatch(/\+120 ms.*no parcel/);
    expect(await events.nth(1).locator('.stack').textContent()).toBe(STACK);
    expect(await events.nth(1).textContent()).toContain('exception.escaped: true');
  });

  it('links to spans of traces that are stored, and names others', async () => {
    const { page, receiver } = await openSpan();
    const links = section(page, 'Links').locator('.span-links > li');
    expect(await links.nth(0).textContent()).toContain('caused by');
    expect(await links.nth(1).getByRole('link').count()).toBe(0);
    expect(await links.nth(1).textContent()).toContain(ELSEWHERE);
    await links.nth(0).getByRole('link').click();
    await page.getByRole('heading', { name: 'asked for it', level: 2 }).waitFor();
    expect(page.url()).toBe(`${receiver.url}/trace/${traceB}?observation=${OTHER}`);
  });

  it('shows resource and scope', async () => {
    const { page } = await openSpan();
    const origin = section(page, 'Resource and scope');
    await origin.getByText('my-library 1.2.3').first().waitFor();
    await origin.locator('summary').first().click();
    await origin.getByText('service.name').waitFor();
    await origin.getByText('Scope my-library 1.2.3', { exact: true }).waitFor();
  });

  it('keeps hostile attributes as text', async () => {
    const { page } = await openSpan();
    await section(page, 'Links').locator('.json-fold').last().waitFor();
    await page.getByText(HOSTILE).first().waitFor();
    expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
    expect(await page.locator('.details img, .details script').count()).toBe(0);
  });

  it('with metadata of the same names and another shape shows these as metadata alone', async () => {
    const receiver = await startServer();
    const metadata = { events: ['a', 5], links: 'x', scope: 7, resourceAttributes: [1] };
    await ingest(receiver, [ingestionEvent('span-create', { id: 's', traceId: 't', input: 'x', metadata })]);
    const page = await openPage(browser, `${receiver.url}/trace/t?observation=s`);
    await section(page, 'Metadata').waitFor();
    for (const name of ['Events', 'Links', 'Resource and scope'])
      expect(await section(page, name).count()).toBe(0);
  });

  it('with many events and long attributes shows the first, and says how many there are', async () => {
    const receiver = await startServer();
    const events = Array.from({ length: 150 }, (_, at) => ({
      name: `event ${at}`,
      time: nano(at),
      attributes: { text: 'x'.repeat(at === 0 ? 50_000 : 1) },
    }));
    await send(receiver, span({ events }));
    const page = await openPage(browser, `${receiver.url}/trace/${traceA}?observation=${SPAN}`);
    await section(page, 'Events').getByText('50 more events: the metadata have all.').waitFor();
    expect(await page.locator('.span-events > li').count()).toBe(100);
    await page.getByRole('button', { name: /show all 20,\d+ characters/ }).click();
    await page.getByText('(30000 more characters are in the metadata)').waitFor();
  });

  it.each(['light', 'dark'] as const)(
    'has nothing serious for axe in the %s page, wide and narrow',
    async (colorScheme) => {
      for (const viewport of [WIDE, NARROW]) {
        const { page } = await openSpan({ colorScheme, viewport });
        await page.evaluate("for (const one of document.querySelectorAll('.payload')) one.open = true");
        expect(await violations(page)).toEqual([]);
        const isWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
        expect(await page.evaluate(isWide)).toBe(false);
      }
    },
  );
});
