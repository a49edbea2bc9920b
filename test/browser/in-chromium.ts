/** Tests that share one Chromium: a file has one, from its first test to its last. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { CHROMIUM, launchChromium } from './chromium.js';

/** `.ci/run` installs it: there these tests fail without it. */
const isSkipped = CHROMIUM === undefined && process.env.TAILRACE_NEEDS_CHROMIUM === undefined;

/** That of the tests which are running. */
export let browser: Browser;

export function describeInChromium(subject: string, tests: () => void): void {
  describe.skipIf(isSkipped)(`${subject} in Chromium (skipped where there is no chromium, but in CI)`, () => {
    beforeAll(async () => {
      browser = await launchChromium();
    });
    afterAll(() => browser?.close());
    tests();
  });
}
