/** The tests that each implementation of the store must pass. */

import { describe } from 'vitest';
import { describeConditions } from './conditions.js';
import type { StoreHarness } from './harness.js';
import { describeLifetime } from './lifetime.js';
import { describeLists } from './lists.js';
import { describeMetrics } from './metrics.js';
import { describePageList } from './page-list.js';
import { describeSummaries } from './summaries.js';
import { describeTracePage } from './trace-page.js';
import { describeTransfer } from './transfer.js';
import { describeWrites } from './writes.js';

export function describeStore(name: string, harness: StoreHarness): void {
  describe(name, () => {
    describeWrites(harness);
    describeLists(harness);
    describeConditions(harness);
    describeMetrics(harness);
    describePageList(harness);
    describeTracePage(harness);
    describeSummaries(harness);
    describeTransfer(harness);
    describeLifetime(harness);
  });
}
