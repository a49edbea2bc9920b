/** The page of a local server in Chromium, for tests: it fails them if the page logs an error or breaks its policy. */
import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { type Receiver, type ReceiverOptions, startReceiver } from '../../dist/receiver/receiver.js';
import { newTarget } from '../support/clickhouse-target.js';
import { isClickhouse } from '../support/receiver.js';
import { postJson } from '../unit/receiver/helpers.js';

export const WIDE = { width: 1280, height: 800 };
export const NARROW = { width: 375, height: 740 };

export interface OpenOptions {
  viewport?: { width: number; height: number };
  colorScheme?: 'light' | 'dark';
  /** Answered to a server that asks for them. */
  httpCredentials?: { username: string; password: string };
  /** Messages in the console that are no fault. */
  mayFail?: RegExp;
}

/** A server of this test, on the store that the run is about (support/receiver.ts). A folder is one of SQLite. */
export async function startServer(options: ReceiverOptions = {}): Promise<Receiver> {
  const isOwn = isClickhouse && options.dataDir === undefined;
  const receiver = await startReceiver({
    port: 0,
    ...options,
    ...(isOwn && { clickhouse: await newTarget() }),
  });
  onTestFinished(() => receiver.close());
  return receiver;
}

/** Opens an address of the server in a window of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  { viewport = WIDE, colorScheme = 'light', mayFail = /status of 40[04]/, httpCredentials }: OpenOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport,
    colorScheme,
    locale: 'en-US',
    timezoneId: 'Asia/Tokyo',
    ...(httpCredentials && { httpCredentials }),
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', ({ message }) => problems.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('dialog', (dialog) => {
    problems.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  onTestFinished(async () => {
    await context.close();
    // The browser logs each answer of this kind, also where the page shows its message.
    expect(problems.filter((text) => !mayFail.test(text))).toEqual([]);
  });
  await page.goto(url);
  return page;
}

export async function ingest(receiver: Pick<Receiver, 'url'>, batch: object[]): Promise<void> {
  await postJson(`${receiver.url}/api/public/ingestion`, { batch });
}

/** The query parameters of the address. */
export function parametersOf(page: Page): Record<string, string> {
  return Object.fromEntries(new URL(page.url()).searchParams);
}
