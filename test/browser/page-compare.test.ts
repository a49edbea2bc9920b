/** Comparisons in Chromium: two traces side by side, and two groups of traces. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { baseMs, ingestionEvent } from '../unit/receiver/helpers.js';
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

const iso = (ms: number) => new Date(baseMs + ms).toISOString();

/** A run with an agent, a plan and a tool; B has another prompt, a slower plan and one tool more. */
const run = (id: 'A' | 'B', more: object = {}) => {
  const isB = id === 'B';
  const below = (name: string, parent: string | undefined, from: number, to: number, rest: object = {}) => ({
    id: `${id}-${name}`,
    traceId: id,
    parentObservationId: parent && `${id}-${parent}`,
    name,
    startTime: iso(from),
    endTime: iso(to),
    ...rest,
  });
  return [
    ingestionEvent('trace-create', {
      id,
      name: 'answer',
      release: isB ? 'r2' : 'r1',
      input: 'Where?',
      output: id,
      ...more,
    }),
    ingestionEvent('agent-create', below('agent', undefined, 0, isB ? 3000 : 2000)),
    ingestionEvent(
      'generation-create',
      below('plan', 'agent', 0, isB ? 2000 : 1000, {
        model: 'gpt-4o',
        input: [{ role: 'system', content: `Be kind.\nAnswer in ${isB ? 'German' : 'English'}.\nBe brief.` }],
        output: 'the same plan',
        usageDetails: { input: isB ? 20 : 10 },
      }),
    ),
    ingestionEvent('tool-create', below('find', 'agent', 2000, 2100, { input: { id: 7 }, output: 'found' })),
    ...(isB ? [ingestionEvent('tool-create', below('book', 'agent', 2200, 2300))] : []),
    ingestionEvent('score-create', { id: `${id}-s`, traceId: id, name: 'quality', value: isB ? 0.5 : 1 }),
  ];
};

const pair = (page: Page, name: string) => page.locator('.pair').filter({ hasText: name });

describeInChromium('comparisons', () => {
  it('align two traces, mark what differs, and show the difference of a prompt', async () => {
    const receiver = await startServer();
    await ingest(receiver, [...run('A'), ...run('B')]);
    await receiver.usage();
    const page = await openPage(browser, `${receiver.url}/trace/A`);
    await page.getByRole('link', { name: 'Compare with…' }).click();
    await page.getByRole('list', { name: 'Traces with the same name' }).getByRole('link').click();
    await page.getByText('4 aligned rows, 2 differences').waitFor();
    expect(parametersOf(page)).toEqual({ a: 'A', b: 'B' });
    expect(await pair(page, 'plan').locator('.badge').allTextContents()).toEqual(['input']);
    expect(await pair(page, 'plan').textContent()).toContain('1.00 s → 2.00 s +100%');
    expect(await pair(page, 'plan').textContent()).toContain('10 → 20 tok +100%');
    expect(await pair(page, 'find').locator('.badge').count()).toBe(0);
    expect(await pair(page, 'book').locator('.badge').allTextContents()).toEqual(['only in B']);
    expect(await pair(page, 'The traces themselves').locator('.badge').allTextContents()).toEqual(['output']);
    const facts = page.getByRole('region', { name: 'The two traces' });
    expect(await facts.getByRole('row').filter({ hasText: 'Release' }).textContent()).toBe(
      'Releaser1r2differs',
    );
    expect(await facts.getByRole('row').filter({ hasText: 'quality' }).textContent()).toBe(
      'quality10.5differs',
    );
    expect(await facts.getByRole('row').filter({ hasText: 'Duration' }).textContent()).toContain(
      '+900 ms · +42.9%',
    );
    await page.keyboard.press('n');
    const changes = page.getByRole('region', { name: 'Changes of the input' });
    await changes.locator('del').getByText('English').waitFor();
    expect(await changes.locator('ins').textContent()).toContain('German');
    await page
      .getByRole('region', { name: 'Changes of the output' })
      .getByText('There is no difference.')
      .waitFor();
    expect(parametersOf(page)).toEqual({ a: 'A', b: 'B', of: 'A-plan', with: 'B-plan' });
    // The address holds what is selected.
    const same = await openPage(browser, page.url());
    await same.locator('ins').getByText('German').waitFor();
    await page.getByRole('link', { name: 'Swap' }).click();
    await page.getByText('4 aligned rows, 2 differences').waitFor();
    expect(parametersOf(page)).toEqual({ a: 'B', b: 'A' });
  });

  it('take one stream of changes, and follow the two traces alone', async () => {
    const receiver = await startServer();
    await ingest(receiver, [...run('A'), ...run('B')]);
    const page = await openPage(browser, 'about:blank');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${receiver.url}/compare?a=A&b=B`);
    await page.getByText('4 aligned rows, 2 differences').waitFor();
    const times = (path: string) => asked.filter((one) => one === path).length;
    await expect.poll(() => times('/api/tailrace/events')).toBe(1);
    await ingest(receiver, [ingestionEvent('trace-create', { id: 'other', name: 'other' })]);
    await ingest(receiver, [ingestionEvent('tool-create', { id: 'late', traceId: 'A', name: 'late' })]);
    await page.getByText('5 aligned rows, 3 differences').waitFor();
    expect([times('/api/tailrace/trace/B'), times('/api/tailrace/events')]).toEqual([2, 1]);
  });

  it('compare two groups by release, with sample sizes, medians and a difference', async () => {
    const receiver = await startServer();
    const group = (release: string, ms: number) =>
      Array.from({ length: 12 }, (_, at) => [
        ingestionEvent('trace-create', { id: `${release}${at}`, release }),
        ingestionEvent('span-create', {
          id: `${release}${at}s`,
          traceId: `${release}${at}`,
          startTime: iso(0),
          endTime: iso(ms + at),
          level: at < 3 && release === 'r2' ? 'ERROR' : 'DEFAULT',
        }),
        ingestionEvent('score-create', {
          id: `${release}${at}q`,
          traceId: `${release}${at}`,
          name: 'quality',
          value: ms,
        }),
      ]).flat();
    await ingest(receiver, [...group('r1', 100), ...group('r2', 200)]);
    const page = await openPage(browser, receiver.url);
    await page.getByRole('link', { name: 'Compare', exact: true }).click();
    await page.getByText('Choose at least one filter.').waitFor();
    for (const [label, release] of [
      ['Group A', 'r1'],
      ['Group B', 'r2'],
    ]) {
      await page.getByLabel(`Value for ${label}`).fill(release!);
      await page.getByRole('region', { name: label! }).getByRole('button', { name: 'Add' }).click();
      await page.getByRole('button', { name: `Remove from ${label}: Release ${release}` }).waitFor();
    }
    const measures = page.getByRole('region', { name: 'Measures' });
    const duration = measures.getByRole('row').filter({ hasText: 'Duration' });
    await expect
      .poll(() => duration.textContent())
      .toMatch(/median \+100 ms · \+95.2%greater in 100% of pairs; p < 0.001/);
    expect(await duration.textContent()).toContain('A12102 ms · 105 ms · 108 ms');
    expect(await measures.textContent()).toContain('Failed tracesA120 traces · 0%+25 percentage points');
    await measures.getByText('Score quality').waitFor();
    expect(parametersOf(page)).toEqual({ left: 'release=r1', right: 'release=r2' });
    const same = await openPage(browser, page.url());
    await same.getByText('p < 0.001').first().waitFor();
    await page.getByRole('link', { name: 'Traces of B' }).click();
    await page.getByText('12 of 24 traces').waitFor();
    await page.getByRole('link', { name: 'Compare with other traces' }).click();
    await expect.poll(() => parametersOf(page)).toEqual({ left: 'release=r2' });
  });

  it.skipIf(!HAS_AIRLINE)('compare recorded runs: good with bad ones, and two of them', async () => {
    const receiver = await startServer();
    await replayAirline(receiver);
    const groups = new URLSearchParams({ left: 'score=reward=0', right: 'score=reward=1' });
    const page = await openPage(browser, `${receiver.url}/compare?${groups}`);
    const failed = page
      .getByRole('region', { name: 'Measures' })
      .getByRole('row')
      .filter({ hasText: 'Failed traces' });
    await expect.poll(() => failed.textContent()).toContain('A29');
    const { traces } = (await (await fetch(`${receiver.url}/api/tailrace/traces`)).json()) as {
      traces: { id: string }[];
    };
    await page.goto(`${receiver.url}/compare?a=${traces[0]!.id}&b=${traces[1]!.id}`);
    await page.getByText(/^\d+ aligned rows, \d+ differences$/).waitFor();
    await page.getByRole('button', { name: 'Compare inputs and outputs' }).click();
    await page.locator('.diff-text').first().waitFor();
  });

  it('say what is missing', async () => {
    const receiver = await startServer();
    await ingest(receiver, run('A'));
    const page = await openPage(browser, `${receiver.url}/compare?a=A&b=none`);
    await page.getByRole('alert').getByText('there is nothing stored under "none"').waitFor();
    await page.goto(`${receiver.url}/compare?a=none`);
    await page.getByText('There is no trace none.').waitFor();
    await page.goto(`${receiver.url}/compare?a=A`);
    await page.getByText('No other trace has this name.').waitFor();
    await page.goto(`${receiver.url}/compare?left=minCost%3Dx`);
    await page.getByRole('alert').getByText('query parameter minCost must be a number').waitFor();
    await page.goto(`${receiver.url}/compare?left=naem%3Danswer`);
    await page.getByRole('alert').getByText('query parameter left must be filters of the list').waitFor();
    await page.goto(`${receiver.url}/compare?left=name%3Dnobody`);
    await page.getByText('A group is empty.').waitFor();
    await ingest(receiver, run('B'));
    await page.goto(`${receiver.url}/compare?a=A&b=B`);
    await pair(page, 'agent').click();
    await page.getByText('There is no input or output to compare.').waitFor();
  });

  it('are reached on a narrow screen, whose bar of pages scrolls', async () => {
    const receiver = await startServer();
    const page = await openPage(browser, receiver.url);
    await page.setViewportSize({ width: 375, height: 800 });
    await page.goto(`${receiver.url}/compare`);
    const current = page.locator('nav [aria-current=page]');
    const rightEdge = () => current.evaluate((link) => Math.round(link.getBoundingClientRect().right));
    await expect.poll(rightEdge).toBeLessThanOrEqual(375);
  });

  it('hold hostile texts as texts', async () => {
    const receiver = await startServer();
    await ingestHostile(receiver);
    for (const at of HOSTILE.keys()) {
      const page = await openPage(
        browser,
        `${receiver.url}/compare?a=x${at}&b=x${(at + 1) % HOSTILE.length}`,
      );
      await page.getByText(/aligned rows/).waitFor();
      await page.getByRole('button', { name: 'Compare inputs and outputs' }).click();
      await page.locator('.diff-text').first().waitFor();
      await expectInert(page);
      const left = new URLSearchParams({ user: HOSTILE[at]! }).toString();
      await page.goto(`${receiver.url}/compare?${new URLSearchParams({ left, right: '' })}`);
      await page.getByRole('region', { name: 'Measures' }).waitFor();
      await expectInert(page);
      await page.context().close();
    }
  });

  it('look as they should: axe, light and dark, wide and narrow', async () => {
    const receiver = await startServer();
    await ingest(receiver, [...run('A'), ...run('B'), ...madeUpTrace()]);
    await receiver.usage();
    await checkLooks(browser, `${receiver.url}/compare?a=A&b=B&of=A-plan&with=B-plan`, (page) =>
      page.locator('ins').getByText('German').waitFor(),
    );
    const groups = new URLSearchParams({ left: 'release=r1', right: 'release=r2' });
    await checkLooks(browser, `${receiver.url}/compare?${groups}`, (page) =>
      page.getByRole('region', { name: 'Measures' }).waitFor(),
    );
    await checkLooks(browser, `${receiver.url}/compare?a=A`, (page) =>
      page.getByRole('list', { name: 'Traces with the same name' }).waitFor(),
    );
  });
});
