/** What each page must stand: axe, narrow screens, hostile texts; and the recorded agent runs. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { replayFile } from '../../dist/cli/replay/replay.js';
import { Tailrace } from '../../dist/index.js';
import type { Receiver } from '../../dist/receiver/receiver.js';
import { ingestionEvent } from '../unit/receiver/helpers.js';
import { violations } from './axe.js';
import { ingest, NARROW, openPage, WIDE } from './open-page.js';

const AIRLINE = fileURLToPath(new URL('../../../shared/data/airline-agent-runs.jsonl', import.meta.url));
export const HAS_AIRLINE = existsSync(AIRLINE);

/** The 50 recorded runs as traces, each with its score `reward`. */
export async function replayAirline(receiver: Receiver): Promise<void> {
  const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: receiver.url });
  await replayFile(client, AIRLINE, { name: 'runs' });
  await client.shutdown();
  await receiver.usage();
}

/** Nothing serious for axe and nothing wider than the screen, in light and dark, wide and narrow. `ready`: a text that shows last. */
export async function checkLooks(browser: Browser, url: string, ready: (page: Page) => Promise<unknown>) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const viewport of [WIDE, NARROW]) {
      const page = await openPage(browser, url, { colorScheme, viewport });
      await ready(page);
      expect(await violations(page)).toEqual([]);
      const isTooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
      expect(await page.evaluate(isTooWide)).toBe(false);
      await page.context().close();
    }
  }
}

export const HOSTILE = [
  `<script>globalThis.hacked = 1</script>`,
  `"><img src=x onerror="globalThis.hacked=1">`,
  `<svg onload=globalThis.hacked=1>`,
  `javascript:globalThis.hacked=1`,
  `</title></style></textarea><style>body{display:none}</style>`,
  `{{constructor.constructor('globalThis.hacked=1')()}}`,
  `__proto__`,
  `a=b<c>=d & "e" '; DROP TABLE traces --`,
  '‮ %zz &lt;b&gt; </script>',
];

/** A trace for each text, with the text in all fields that the pages show. */
export async function ingestHostile(receiver: Receiver): Promise<void> {
  const batch = HOSTILE.flatMap((text, at) => {
    const traceId = `x${at}`;
    return [
      ingestionEvent('trace-create', {
        id: traceId,
        name: text,
        userId: text,
        sessionId: text,
        release: text,
        version: text,
        tags: [text],
        input: { [text]: text },
        output: text,
      }),
      ingestionEvent('generation-create', {
        id: `${traceId}g`,
        traceId,
        name: text,
        model: text,
        usageDetails: { [text]: 3, output: 2 },
        statusMessage: text,
        level: 'ERROR',
      }),
      ingestionEvent('tool-create', { id: `${traceId}t`, traceId, name: text, level: 'ERROR' }),
      ingestionEvent('score-create', { id: `${traceId}c`, traceId, name: text, value: text }),
      ingestionEvent('score-create', { id: `${traceId}n`, traceId, name: `n${text}`, value: at }),
      ingestionEvent('score-create', {
        id: `${traceId}s`,
        sessionId: text,
        name: text,
        value: text,
        comment: text,
      }),
    ];
  });
  await ingest(receiver, batch);
}

/** No script of a text has run, and none of its elements is there. */
export async function expectInert(page: Page): Promise<void> {
  expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
  const foreign =
    'script:not([src^="/assets/"]), iframe, object, embed, style, img, a[href^="javascript"], a[href^="data:"], [onload], [onerror]';
  expect(await page.locator(foreign).count()).toBe(0);
}
