/** The page of one trace in Chromium: tree, keys, details, payloads, complaints, estimates, and that hostile text is text. */

import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { mediaIdOf, tagOf } from '../support/media.js';
import { baseMs, ingestionEvent, postJson } from '../unit/receiver/helpers.js';
import { violations } from './axe.js';
import { browser, describeInChromium } from './in-chromium.js';
import { madeUpTrace, PNG, STACK } from './made-up-trace.js';
import { ingest, NARROW, openPage, parametersOf, startServer, WIDE } from './open-page.js';

const node = (page: Page, name: string) =>
  page.locator('.node').filter({ has: page.locator('.node-name', { hasText: new RegExp(`^${name}$`) }) });
const selected = (page: Page) => page.locator('.node.selected .node-name').textContent();
const details = (page: Page) => page.getByRole('region', { name: 'Details' });
const payload = (page: Page, name: string) =>
  page.locator('.payload').filter({ has: page.getByRole('heading', { name }) });

/** Announces and uploads a medium. */
async function store(url: string, content: Buffer, contentType: string): Promise<void> {
  const sha256Hash = createHash('sha256').update(content).digest('base64');
  const body = { contentType, contentLength: content.byteLength, sha256Hash, traceId: 't', field: 'input' };
  const { uploadUrl } = (await postJson(`${url}/api/public/media`, body)).json;
  const headers = { 'content-type': contentType, 'x-amz-checksum-sha256': sha256Hash };
  await fetch(uploadUrl, { method: 'PUT', headers, body: content as never });
}

describeInChromium('a trace', () => {
  async function openMadeUp(query = '', options = {}): Promise<Page> {
    const receiver = await startServer();
    await ingest(receiver, madeUpTrace());
    await receiver.usage();
    const page = await openPage(browser, `${receiver.url}/trace/made-up${query}`, options);
    await page.getByRole('heading', { name: 'support chat', level: 1 }).waitFor();
    return page;
  }

  it('shows its observations as a tree with levels, marks failures and the slowest, and folds', async () => {
    const page = await openMadeUp();
    const levels = await page
      .locator('.node')
      .evaluateAll((nodes) =>
        nodes.map((one) => [one.getAttribute('aria-level'), one.querySelector('.node-name')?.textContent]),
      );
    expect(levels).toEqual([
      ['1', 'support chat'],
      ['2', 'handle request'],
      ['3', 'support agent'],
      ['4', 'find documents'],
      ['4', 'plan'],
      ['4', 'find_parcel'],
      ['4', 'no personal data'],
      ['3', 'guess'],
      ['3', 'judge'],
    ]);
    expect(await node(page, 'find_parcel').getAttribute('class')).toMatch(/\berror\b/);
    expect(await node(page, 'plan').getByText('slowest').count()).toBe(1);
    expect(await node(page, 'plan').getAttribute('class')).toMatch(/\bcritical\b/);
    await page.getByRole('button', { name: 'Fold support agent' }).click();
    await expect.poll(() => page.locator('.node').count()).toBe(5);
    await page.getByRole('button', { name: 'Unfold all' }).click();
    await expect.poll(() => page.locator('.node').count()).toBe(9);
  });

  it('is used by keys: rows, folds, errors, search; and the address says what is selected', async () => {
    const page = await openMadeUp();
    await page.keyboard.press('e');
    await expect.poll(() => selected(page)).toBe('find_parcel');
    expect(parametersOf(page)).toEqual({ observation: 'tool' });
    await page.keyboard.press('e');
    await expect.poll(() => selected(page)).toBe('judge');
    await page.keyboard.press('e');
    await page.keyboard.press('E');
    await expect.poll(() => selected(page)).toBe('judge');
    await page.keyboard.press('k');
    await expect.poll(() => selected(page)).toBe('guess');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => selected(page)).toBe('handle request');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('.node').count()).toBe(2);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => selected(page)).toBe('support agent');
    await page.keyboard.press('/');
    await page.keyboard.type('TIMEOUTERROR');
    await page.getByText('1 match', { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => selected(page)).toBe('find_parcel');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Home');
    await expect.poll(() => selected(page)).toBe('support chat');
  });

  it('is searched in its payloads too, and says how many observations match', async () => {
    const page = await openMadeUp();
    await page.getByRole('searchbox').fill('rains');
    await page.getByText('1 match', { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => selected(page)).toBe('plan');
    await page.getByRole('searchbox').fill('100%_"');
    await page.getByText('0 matches', { exact: true }).waitFor();
  });

  it('opens at the observation of the address, unfolded, and says if there is none', async () => {
    const page = await openMadeUp('?observation=tool');
    expect(await selected(page)).toBe('find_parcel');
    await details(page).getByText(STACK).waitFor();
    const other = await openPage(browser, page.url().replace('=tool', '=nobody'));
    await other.getByText('This trace has no observation nobody.').waitFor();
  });

  it('has panes whose divider moves by keys and by the pointer, and stays where it was put', async () => {
    const page = await openMadeUp();
    const divider = page.getByRole('separator');
    const at = async () => Number(await divider.getAttribute('aria-valuenow'));
    expect(await at()).toBe(55);
    await divider.focus();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(at).toBe(53);
    const box = (await divider.boundingBox())!;
    await page.mouse.move(box.x + 3, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(WIDE.width * 0.3, box.y + 50, { steps: 3 });
    await page.mouse.up();
    await expect.poll(at).toBe(30);
    await page.reload();
    await expect.poll(at).toBe(30);
  });

  it('opens ids that a URL would take for steps in its path, with all that is read and given there', async () => {
    const receiver = await startServer();
    const ids = [
      ['.', '..'],
      ['..', '.'],
      ['~.', '~..'],
    ] as const;
    await ingest(
      receiver,
      ids.flatMap(([traceId, id]) => [
        ingestionEvent('trace-create', {
          id: traceId,
          name: `trace ${traceId}`,
          sessionId: traceId,
          input: `turn of ${traceId}`,
        }),
        ingestionEvent('span-create', { id, traceId, name: `span ${id}`, input: `input of ${id}` }),
      ]),
    );
    const page = await openPage(browser, receiver.url);
    for (const [traceId, id] of ids) {
      await page.goto(receiver.url);
      await page.getByRole('link', { name: `trace ${traceId}`, exact: true }).click();
      await node(page, `span ${id.replaceAll('.', '\\.')}`).click();
      await details(page).getByText(`input of ${id}`, { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Thumb up' }).click();
      await page.getByRole('button', { name: 'Thumb up', pressed: true }).waitFor();
      await page.reload();
      await details(page).getByText(`input of ${id}`, { exact: true }).waitFor();
      const asText = await details(page).getByRole('link', { name: 'As text' }).getAttribute('href');
      expect(await (await fetch(`${receiver.url}${asText}`)).text()).toBe(`input of ${id}`);
      await page.getByRole('link', { name: traceId, exact: true }).click();
      await page.getByText(`turn of ${traceId}`, { exact: true }).waitFor();
    }
  });

  it('has its buttons in one row where there is room', async () => {
    const page = await openMadeUp('?observation=plan');
    const actions = details(page).locator('.actions');
    await actions.getByRole('button', { name: 'What is new' }).waitFor();
    const tops = await actions
      .getByRole('button')
      .evaluateAll((buttons) => buttons.map((one) => Math.round(one.getBoundingClientRect().top)));
    expect(tops).toHaveLength(7);
    expect(new Set(tops).size).toBe(1);
  });

  it('says what is not there', async () => {
    const receiver = await startServer();
    const page = await openPage(browser, `${receiver.url}/trace/none`);
    await page.getByRole('heading', { name: 'Not found' }).waitFor();
    await page.getByText('there is nothing stored under "none"').waitFor();
    await page.goto(`${receiver.url}/nowhere`);
    await page.getByText('There is nothing at /nowhere.').waitFor();
  });

  it('shows a chat with roles, tool calls with their results, reasoning, pictures, Markdown; and raw', async () => {
    const page = await openMadeUp('?observation=plan');
    const input = payload(page, 'Input');
    await input.waitFor();
    expect(await input.locator('.message > .role').allTextContents()).toEqual([
      'system',
      'user',
      'assistant',
    ]);
    // Instructions are folded.
    expect(await input.getByText('You are kind.').isVisible()).toBe(false);
    const call = input.locator('.tool-call');
    expect(await call.locator('.tool-name').textContent()).toContain('find_parcel');
    expect(await call.locator('.json').first().textContent()).toContain('P-7');
    expect(await call.locator('.tool-result').textContent()).toContain('late');
    await input.getByText('Reasoning').click();
    await input.getByText('The user wants facts.').waitFor();
    // The picture in the text is shown; the one of another server is named, and not fetched.
    expect(
      await input
        .locator('img')
        .evaluateAll((images) => images.map((one) => one.getAttribute('src')?.slice(0, 22))),
    ).toEqual(['data:image/png;base64,']);
    await expect
      .poll(() =>
        input.locator('img').evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
      )
      .toBe(1);
    await input.getByText('https://example.com/cat.png').waitFor();
    const output = payload(page, 'Output');
    expect(await output.locator('.md-heading').textContent()).toBe('Your parcel');
    expect(await output.locator('strong').textContent()).toBe('late');
    expect(await output.locator('ol > li').allTextContents()).toEqual(['the truck broke down', 'it rains']);
    expect(await output.locator('pre.code').textContent()).toBe('const parcel = find("P-7");');
    expect(await output.locator('.chat a').count()).toBe(0);
    await output.getByText('the page (https://example.com/x)').waitFor();
    await output.getByRole('button', { name: 'Raw' }).click();
    await output.getByText('**late**').waitFor();
  });

  it('shows JSON as a tree that copies paths and values', async () => {
    const page = await openMadeUp('?observation=tool');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const line = payload(page, 'Input').locator('.json-line', { hasText: "it's" }).last();
    await line.hover();
    await line.getByRole('button', { name: /Copy the path/ }).click();
    const copied = () => page.evaluate('navigator.clipboard.readText()');
    await expect.poll(copied).toBe(`$.options["it's"]`);
    await line.getByRole('button', { name: 'Copy the value' }).click();
    await expect.poll(copied).toBe('[\n  1,\n  2,\n  3\n]');
  });

  it('shows what a model call cost, how fast it was, and its prompt', async () => {
    const page = await openMadeUp('?observation=plan');
    await details(page).getByText('input 812, output 130').waitFor();
    const facts = await details(page).locator('.facts').textContent();
    // 130 tokens in the 1.3 s after the first.
    for (const part of [
      'First token480 ms',
      'Tokens per second100',
      'temperature 0.2',
      'support v3',
      'Modelgpt-4o',
    ]) {
      expect(facts).toContain(part);
    }
    expect(await details(page).locator('.scores').textContent()).toContain('tonekind');
  });

  it('marks estimates, says how they came about, and marks no figure that was given', async () => {
    const page = await openMadeUp('?observation=guess');
    await details(page)
      .getByText(/^Tokens estimated: the text counted with .+\. Cost estimated: the estimated tokens/)
      .waitFor();
    expect(await node(page, 'guess').locator('.estimate').first().textContent()).toMatch(/^≈ \d+ tok$/);
    const usage = details(page).locator('.estimate', { hasText: 'input' });
    expect(await usage.getAttribute('title')).toMatch(/^tokens estimated: the text counted with /);
    expect(await page.locator('.trace-head .estimate').first().textContent()).toMatch(/^≈ \d/);
    await node(page, 'plan').click();
    await details(page).getByText('input 812, output 130').waitFor();
    await details(page)
      .getByText(/^Cost computed: the given tokens at the price/)
      .waitFor();
    expect(await node(page, 'plan').getByText('942 tok').textContent()).not.toContain('≈');
  });

  it('says of a generation without figures that they are unknown, never 0', async () => {
    const receiver = await startServer();
    await ingest(receiver, [
      ingestionEvent('generation-create', { id: 'g', traceId: 't', name: 'asks', model: 'of-nobody' }),
      ingestionEvent('span-create', { id: 's', traceId: 't', name: 'works' }),
    ]);
    const page = await openPage(browser, `${receiver.url}/trace/t?observation=g`);
    await details(page).locator('.facts').getByText('unknown').nth(1).waitFor();
    await node(page, 'works').click();
    await details(page).getByRole('heading', { name: 'works' }).waitFor();
    expect(await details(page).getByText('unknown').count()).toBe(0);
  });

  it('lists the complaints of the trace, by the name of the observation', async () => {
    const page = await openMadeUp();
    const row = page.locator('.complaints tbody tr');
    await row.first().waitFor();
    expect(await row.first().textContent()).toMatch(/level-refused.*dropped.*bad.*level must be one of/);
  });

  it('shows the beginning of a long payload, more on demand, and where the whole is', async () => {
    const receiver = await startServer();
    const long = `${'x'.repeat(399_000)}THE END`;
    await ingest(receiver, [
      ingestionEvent('span-create', { id: 'o/1', traceId: 'long', name: 'long', output: long }),
    ]);
    const page = await openPage(
      browser,
      `${receiver.url}/trace/long?observation=${encodeURIComponent('o/1')}`,
    );
    const output = payload(page, 'Output');
    await output.getByText('399,007 characters').first().waitFor();
    const shown = async () => (await output.textContent())?.length ?? 0;
    expect(await shown()).toBeLessThan(10_000);
    await output.getByRole('button', { name: 'Show all', exact: true }).click();
    await output.getByRole('button', { name: 'Show all 399,007 characters' }).click();
    await output.getByText('THE END').waitFor();
    const [whole] = await Promise.all([
      page.context().waitForEvent('page'),
      output.getByRole('link', { name: 'As text' }).click(),
    ]);
    await whole.waitForURL(`${receiver.url}/trace/long/o%2F1/output`);
  });

  it('follows a trace that grows, and keeps what is selected and folded', async () => {
    const receiver = await startServer();
    await ingest(receiver, madeUpTrace());
    const page = await openPage(browser, `${receiver.url}/trace/made-up?observation=plan`);
    await page.getByRole('button', { name: 'Fold find documents' }).waitFor({ state: 'detached' });
    await node(page, 'plan').waitFor();
    await ingest(receiver, [
      ingestionEvent('span-create', {
        id: 'late',
        traceId: 'made-up',
        parentObservationId: 'root',
        name: 'came late',
      }),
    ]);
    await node(page, 'came late').waitFor();
    expect(await selected(page)).toBe('plan');
  });

  it('is as wide as a narrow screen, with the details in place of the tree', async () => {
    const page = await openMadeUp('', { viewport: NARROW });
    const isWide = () =>
      page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
    await node(page, 'find_parcel').waitFor();
    expect(await isWide()).toBe(false);
    expect(await node(page, 'find_parcel').locator('.bar').isVisible()).toBe(true);
    await node(page, 'find_parcel').click();
    await details(page).getByText(STACK).waitFor();
    expect(await page.locator('.tree').count()).toBe(0);
    expect(await isWide()).toBe(false);
    await page.getByRole('button', { name: 'Observations' }).click();
    await page.locator('.tree').waitFor();
  });

  it('with 50,000 observations has few rows in the document, and finds the last', async () => {
    const receiver = await startServer();
    const count = 50_000;
    for (let start = 0; start < count; start += 10_000) {
      const batch = Array.from({ length: 10_000 }, (_, at) => {
        const index = start + at;
        const time = new Date(baseMs + index).toISOString();
        const parentObservationId = index === 0 ? undefined : `o${Math.floor((index - 1) / 10)}`;
        return ingestionEvent('span-create', {
          id: `o${index}`,
          traceId: 'big',
          parentObservationId,
          name: `step ${index}`,
          startTime: time,
          endTime: time,
        });
      });
      await ingest(receiver, batch);
    }
    const page = await openPage(browser, `${receiver.url}/trace/big`);
    await node(page, 'step 0').waitFor();
    await page.keyboard.press('End');
    await expect.poll(() => page.locator('.node.selected').count()).toBe(1);
    await page.keyboard.press('/');
    await page.keyboard.type('step 49999');
    await page.getByText('1 match', { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await expect.poll(() => selected(page)).toBe('step 49999');
    expect(await page.locator('.node').count()).toBeLessThan(100);
  });
});

describeInChromium('hostile text', () => {
  const CORPUS = [
    `<script>globalThis.hacked = 1</script>`,
    `"><img src=x onerror="globalThis.hacked=1">`,
    `<svg onload=globalThis.hacked=1>`,
    `<iframe srcdoc="<script>parent.hacked=1</script>"></iframe>`,
    `javascript:globalThis.hacked=1`,
    `</title></style></textarea><style>body{display:none}</style>`,
    `[click](javascript:globalThis.hacked=1) ![x](https://evil.example/x.png) <b>**bold**</b>`,
    `data:text/html;base64,${btoa('<script>globalThis.hacked=1</script>')}`,
    `data:image/svg+xml;base64,${btoa('<svg xmlns="http://www.w3.org/2000/svg" onload="globalThis.hacked=1"/>')}`,
    `@@@langfuseMedia:type=image/svg+xml|id=x|source=base64@@@`,
    `{{constructor.constructor('globalThis.hacked=1')()}}`,
    `__proto__`,
    '\u202e\u0000\ud800 %zz &lt;b&gt; </script>',
  ];

  /** Vnodes of Preact among them, should the page ever render a value as one. */
  const objects = (text: string) => [
    {
      type: 'script',
      props: { children: text, dangerouslySetInnerHTML: { __html: text } },
      constructor: undefined,
      __v: 1,
    },
    {
      role: text,
      content: [
        { type: text, text },
        { type: 'image_url', image_url: { url: text } },
      ],
      name: text,
      tool_calls: [{ id: text, function: { name: text, arguments: text } }],
    },
    { [text]: { [text]: text } },
  ];

  it('stays text in every field, in the list and on the trace, and fetches nothing from elsewhere', async () => {
    const receiver = await startServer();
    const batch = CORPUS.flatMap((text, at) => {
      const traceId = `x${at}${text.replaceAll(/[^\x20-\x7e]/g, '')}`;
      const payloads = {
        input: objects(text)[1],
        output: text,
        metadata: { [text]: text, all: objects(text) },
      };
      return [
        ingestionEvent('trace-create', {
          id: traceId,
          name: text,
          userId: text,
          sessionId: text,
          release: text,
          version: text,
          tags: [text],
          ...payloads,
        }),
        ingestionEvent('generation-create', {
          id: `${traceId}-o`,
          traceId,
          name: text,
          model: text,
          modelParameters: { [text]: text },
          promptName: text,
          promptVersion: 1,
          version: text,
          statusMessage: text,
          level: 'ERROR',
          ...payloads,
        }),
        ingestionEvent('tool-create', {
          id: `${traceId}-p`,
          traceId,
          parentObservationId: `${traceId}-o`,
          name: text,
          input: objects(text),
          output: objects(text)[0],
        }),
        ingestionEvent('score-create', {
          id: `${traceId}-s`,
          traceId,
          name: text,
          value: text,
          comment: text,
        }),
        ingestionEvent('score-create', {
          id: `${traceId}-t`,
          traceId,
          observationId: `${traceId}-o`,
          name: text,
          value: 1,
        }),
        ingestionEvent('span-create', { id: `${traceId}-bad`, traceId, level: text }),
      ];
    });
    await ingest(receiver, batch);
    const page = await openPage(browser, receiver.url);
    const elsewhere: string[] = [];
    page.context().on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(receiver.url) && !url.startsWith('data:image/png')) elsewhere.push(url);
    });
    const isInert = async () => {
      expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
      const foreign =
        'script:not([src^="/assets/"]), iframe, object, embed, style, b:not(.chip b):not(dd b), a[href^="javascript"], a[href^="data:"], img:not([src^="data:image/png"])';
      expect(await page.locator(foreign).count()).toBe(0);
    };
    await page.locator('.trace-table .rows [role=row]').first().waitFor();
    await page.getByText('Columns').click();
    for (const name of ['User', 'Session', 'Release', 'Version'])
      await page.locator('.menu-list').getByLabel(name).check();
    await isInert();
    const { traces } = (await (await fetch(`${receiver.url}/api/tailrace/traces`)).json()) as {
      traces: { id: string }[];
    };
    expect(traces).toHaveLength(CORPUS.length);
    for (const { id } of traces) {
      for (const suffix of [
        '',
        `?observation=${encodeURIComponent(`${id}-o`)}`,
        `?observation=${encodeURIComponent(`${id}-p`)}`,
      ]) {
        await page.goto(`${receiver.url}/trace/${encodeURIComponent(id)}${suffix}`);
        await page.locator('.payload').first().waitFor();
        for (const summary of await page.locator('.payload:not([open]) > summary').all())
          await summary.click();
        await isInert();
      }
    }
    expect(elsewhere).toEqual([]);
    // The name is all there, as text.
    await page.goto(`${receiver.url}/?name=${encodeURIComponent(CORPUS[1]!)}`);
    await page.getByRole('link', { name: CORPUS[1]! }).waitFor();
    await isInert();
  });

  it('refers to media: pictures are shown, other types are links that download, a forged tag is text', async () => {
    const receiver = await startServer();
    const png = Buffer.from(PNG, 'base64');
    const forged = '@@@langfuseMedia:type=image/png|id="onerror=alert(1)|source=bytes@@@';
    await store(receiver.url, png, 'image/png');
    const svg = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg"><script>globalThis.hacked=1</script></svg>',
    );
    await store(receiver.url, svg, 'image/svg+xml');
    const input = `look: ${tagOf(png)} and ${tagOf(svg, 'image/svg+xml')} ${forged}`;
    await ingest(receiver, [ingestionEvent('trace-create', { id: 'with-media', name: 'n', input })]);
    const page = await openPage(browser, `${receiver.url}/trace/with-media`);
    const shown = payload(page, 'Input');
    await shown.locator('img').waitFor();
    expect(await shown.locator('img').getAttribute('src')).toBe(`/media/${mediaIdOf(png)}`);
    await expect
      .poll(() =>
        shown.locator('img').evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
      )
      .toBe(1);
    await shown.getByText(forged).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      shown.getByRole('link', { name: `image/svg+xml ${mediaIdOf(svg)}` }).click(),
    ]);
    expect(download.url()).toBe(`${receiver.url}/media/${mediaIdOf(svg)}`);
  });

  it('may be deep and large: the page stays usable', async () => {
    const receiver = await startServer();
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`key ${at}`, at]));
    await ingest(receiver, [
      ingestionEvent('span-create', { id: 'a', traceId: 'deep', name: 'deep', input: deep, output: wide }),
    ]);
    const page = await openPage(browser, `${receiver.url}/trace/deep?observation=a`);
    await payload(page, 'Output').getByText('key 99:').waitFor();
    expect(await page.locator('.json-line').count()).toBeLessThan(1000);
    await payload(page, 'Output')
      .getByRole('button', { name: /Show more of/ })
      .click();
    await payload(page, 'Output').getByText('key 1000:').waitFor();
  });
});

describeInChromium('axe', () => {
  it.each(['light', 'dark'] as const)(
    'finds nothing serious in the %s page, wide and narrow',
    async (colorScheme) => {
      const receiver = await startServer();
      const empty = await openPage(browser, receiver.url, { colorScheme });
      await empty.getByText('Nothing has arrived yet').waitFor();
      expect(await violations(empty)).toEqual([]);
      await ingest(receiver, madeUpTrace());
      await receiver.usage();
      for (const viewport of [WIDE, NARROW]) {
        const page = await openPage(browser, `${receiver.url}/?level=ERROR`, { colorScheme, viewport });
        await page.getByText('helpful False').waitFor();
        expect(await violations(page)).toEqual([]);
        for (const id of ['plan', 'tool']) {
          await page.goto(`${receiver.url}/trace/made-up?observation=${id}`);
          await page.locator('.payload').first().waitFor();
          expect(await violations(page)).toEqual([]);
        }
      }
    },
  );
});
