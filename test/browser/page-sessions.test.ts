/** Sessions in Chromium: the list, and one session as one chat. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { ingestionEvent } from '../unit/receiver/helpers.js';
import { browser, describeInChromium } from './in-chromium.js';
import { madeUpTrace } from './made-up-trace.js';
import { ingest, openPage, parametersOf, startServer } from './open-page.js';
import { checkLooks, expectInert, HOSTILE, ingestHostile } from './page-checks.js';

const at = (s: number) => ({ timestamp: new Date(Date.UTC(2026, 0, 15, 12, 0, s)).toISOString() });
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

/** Three turns, each with all messages before it, the last one failed. */
const conversation = () => {
  const messages = [{ role: 'system', content: 'Be kind to them.' }];
  return ['Where is my parcel?', 'When does it come?', 'Thanks'].flatMap((question, turn) => {
    messages.push(user(question));
    const input = [...messages];
    const answer = assistant(`Answer number ${turn + 1}`);
    messages.push(answer);
    const id = `turn-${turn + 1}`;
    return [
      ingestionEvent('trace-create', {
        id,
        name: id,
        sessionId: 'talk',
        userId: turn === 2 ? 'bob' : 'ada',
        input,
        output: answer,
        ...at(turn * 60),
      }),
      ingestionEvent('score-create', { id: `score-${turn}`, traceId: id, name: 'helpful', value: turn / 2 }),
      ...(turn === 2
        ? [
            ingestionEvent('span-create', {
              id: 'bad',
              traceId: id,
              level: 'ERROR',
              startTime: at(121).timestamp,
            }),
          ]
        : []),
    ];
  });
};

const rows = (page: Page) => page.locator('.summary-table .rows [role=row]');
const names = (page: Page) => page.locator('.summary-table .rows .trace-link').allTextContents();

describeInChromium('sessions', () => {
  it('are a list with sums, whose order and filters are in the address', async () => {
    const receiver = await startServer();
    await ingest(receiver, [...madeUpTrace(), ...conversation()]);
    const page = await openPage(browser, receiver.url);
    await page.getByRole('link', { name: 'Sessions' }).click();
    await page.getByText('2 sessions in 4 traces').waitFor();
    expect(await page.locator('nav [aria-current=page]').textContent()).toBe('Sessions');
    expect(await names(page)).toEqual(['talk', 's-1']);
    const talk = rows(page).first();
    expect(await talk.textContent()).toContain('helpful 0.5 ×3');
    await page.getByRole('button', { name: 'Traces', exact: true }).click();
    await expect.poll(() => parametersOf(page)).toEqual({ sort: '-traces' });
    await page.getByRole('button', { name: 'Traces', exact: true }).click();
    await expect.poll(() => names(page)).toEqual(['s-1', 'talk']);
    expect(parametersOf(page)).toEqual({ sort: 'traces' });
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.locator('.filters li').filter({ hasText: /^bob/ }).getByRole('checkbox').check();
    await page.getByText('1 session in 1 trace').waitFor();
    expect(parametersOf(page)).toEqual({ sort: 'traces', user: 'bob' });
    // The filter goes along to the traces, and back.
    await page.getByRole('link', { name: 'Traces', exact: true }).click();
    await page.getByText('1 of 4 traces').waitFor();
    await page.goBack();
    await page.getByText('1 session in 1 trace').waitFor();
    const same = await openPage(browser, page.url());
    await same.getByText('1 session in 1 trace').waitFor();
  });

  it('show one session as one chat, which repeats no message, with scores and errors beside each turn', async () => {
    const receiver = await startServer();
    await ingest(receiver, conversation());
    const page = await openPage(browser, `${receiver.url}/sessions`);
    await page.getByRole('link', { name: 'talk' }).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByText('Answer number 3').waitFor();
    const turns = page.locator('.turn');
    expect(await turns.count()).toBe(3);
    const text = await page.locator('.turns').textContent();
    for (const once of ['Be kind to them.', 'Where is my parcel?', 'Answer number 1', 'When does it come?']) {
      expect(text?.split(once).length, once).toBe(2);
    }
    expect(await turns.nth(1).textContent()).toContain('3 messages of earlier turns not repeated.');
    expect(await turns.nth(1).textContent()).toContain('helpful 0.5');
    expect(await turns.nth(2).textContent()).toContain('1 error');
    expect(await page.locator('.facts').textContent()).toContain('Failed traces1');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'turn-2', level: 1 }).waitFor();
    await page.locator('.facts').getByRole('link', { name: 'talk' }).click();
    await page.getByText('Answer number 3').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('1 session in 3 traces').waitFor();
  });

  it('with many users name some, and lead to all of them', async () => {
    const receiver = await startServer();
    const traces = Array.from({ length: 7 }, (_, turn) =>
      ingestionEvent('trace-create', {
        id: `t${turn}`,
        sessionId: 'room',
        userId: `user-${turn}`,
        ...at(turn),
      }),
    );
    await ingest(receiver, traces);
    const page = await openPage(browser, `${receiver.url}/session/room`);
    await page.getByRole('link', { name: '2 more' }).click();
    await page.getByText('7 users in 7 traces').waitFor();
    expect(parametersOf(page)).toEqual({ session: 'room' });
  });

  it('grow while they are shown', async () => {
    const receiver = await startServer();
    const all = conversation();
    const isLast = (event: object) => JSON.stringify(event).includes('turn-3');
    await ingest(
      receiver,
      all.filter((event) => !isLast(event)),
    );
    const list = await openPage(browser, `${receiver.url}/sessions`);
    await list.getByText('1 session in 2 traces').waitFor();
    const chat = await openPage(browser, `${receiver.url}/session/talk`);
    await chat.getByText('Answer number 2').waitFor();
    await ingest(receiver, all.filter(isLast));
    await list.getByText('1 session in 3 traces').waitFor();
    await chat.getByText('Answer number 3').waitFor();
  });

  it('show later turns when they are asked for', async () => {
    const receiver = await startServer();
    const traces = Array.from({ length: 45 }, (_, turn) =>
      ingestionEvent('trace-create', {
        id: `t${turn}`,
        sessionId: 'long',
        output: `turn ${turn}.`,
        ...at(turn),
      }),
    );
    await ingest(receiver, traces);
    const page = await openPage(browser, `${receiver.url}/session/long`);
    await page.getByText('turn 29.').waitFor();
    expect(await page.locator('.turn').count()).toBe(30);
    await page.getByRole('button', { name: 'Show 15 of 15 later traces' }).click();
    await page.getByText('turn 44.').waitFor();
  });

  it('say what is missing: no session at all, an unknown one', async () => {
    const receiver = await startServer();
    const page = await openPage(browser, `${receiver.url}/sessions`);
    await page.getByText('No trace has a session yet.').waitFor();
    await page.goto(`${receiver.url}/session/none`);
    await page.getByText('no stored trace has the session "none"').waitFor();
    // The same address would have the same answer.
    const again = page.getByRole('button', { name: 'Try again' });
    expect(await again.count()).toBe(0);
    for (const path of ['sessions', '']) {
      await page.goto(`${receiver.url}/${path}?minCost=x`);
      await page.getByRole('alert').getByText('query parameter minCost must be a number').waitFor();
      expect(await again.count()).toBe(0);
    }
  });

  it('are read again when the server is back', async () => {
    const receiver = await startServer();
    await ingest(receiver, conversation());
    const page = await openPage(browser, receiver.url, { mayFail: /Failed to load resource/ });
    const isCall = (url: URL) => url.pathname.startsWith('/api/tailrace/sessions');
    await page.route(isCall, (route) => route.abort());
    await page.getByRole('link', { name: 'Sessions' }).click();
    await page.getByText('The server does not answer.').waitFor();
    await page.unroute(isCall);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('1 session in 3 traces').waitFor();
  });

  it('hold hostile texts as texts', async () => {
    const receiver = await startServer();
    await ingestHostile(receiver);
    const page = await openPage(browser, `${receiver.url}/sessions`);
    await page.getByText(`${HOSTILE.length} sessions in ${HOSTILE.length} traces`).waitFor();
    await expectInert(page);
    for (const text of HOSTILE) {
      await page.goto(`${receiver.url}/session/${encodeURIComponent(text)}`);
      await page.locator('.turn .message').first().waitFor();
      await expectInert(page);
    }
  });

  it('look as they should: axe, light and dark, wide and narrow', async () => {
    const receiver = await startServer();
    await ingest(receiver, [...madeUpTrace(), ...conversation()]);
    await receiver.usage();
    await checkLooks(browser, `${receiver.url}/sessions?user=ada&user=bob`, (page) =>
      page.getByText('2 sessions in 4 traces').waitFor(),
    );
    await checkLooks(browser, `${receiver.url}/session/talk`, (page) =>
      page.getByText('Answer number 3').waitFor(),
    );
  });
});
