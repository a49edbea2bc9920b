/**
 * Takes the README's pictures of the local server's page, from the sample of `tailrace demo`: `npm run screenshots`. It needs
 * Chromium (Debian's package `chromium`).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const COMMAND = fileURLToPath(new URL('../dist/bin/cli.js', import.meta.url));
const FOLDER = fileURLToPath(new URL('./screenshots/', import.meta.url));
const CHROMIUM = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'chromium'))
  .find(existsSync);
const SIZE = { width: 1440, height: 810 };

const demo = spawn(process.execPath, [COMMAND, 'demo', '--port', '0'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const url = await addressOf(demo.stdout.setEncoding('utf8'));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
  mkdirSync(FOLDER, { recursive: true });
  const context = await browser.newContext({ viewport: SIZE, deviceScaleFactor: 1, colorScheme: 'light' });
  const page = await context.newPage();
  await page.goto(url);
  const links = page.locator('.trace-link');
  await links.nth(2).waitFor();
  await page.screenshot({ path: `${FOLDER}list.png` });
  await page.goto(`${url}/?level=ERROR`);
  await links.first().click();
  await page.getByRole('treegrid').getByRole('row').first().waitFor();
  // The first failure, and the call of a model that got it: its details open beside the tree.
  await page.keyboard.press('e');
  await page.keyboard.press('j');
  await page.locator('.details .chat').first().waitFor();
  await page.screenshot({ path: `${FOLDER}trace.png` });
} finally {
  await browser.close();
  demo.kill('SIGINT');
}

/** Resolves when all has been traced, and the page is served. */
async function addressOf(output) {
  let text = '';
  for await (const chunk of output) {
    text += chunk;
    const address = /(http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1];
    if (address !== undefined && /Ctrl-C/.test(text)) return address;
  }
  const [code] = await once(demo, 'exit');
  throw new Error(`the demo ended with ${code}:\n${text}`);
}
