/** Tables of ClickHouse as a store, on its engine. */

import { describe } from 'vitest';
import { openSharedStore } from '../../../../../src/receiver/store/open-store.js';
import type { ClickhouseTarget } from '../../../../../src/shared/contract/clickhouse-options.js';
import { noClickhouse } from '../../../../support/clickhouse-server.js';
import { newTarget } from '../../../../support/clickhouse-target.js';
import { describeStore } from '../contract/describe-store.js';

let last: ClickhouseTarget;

describe.skipIf(noClickhouse !== undefined)('on the engine of ClickHouse', { timeout: 120_000 }, () => {
  describeStore('ClickHouse', {
    async open(options) {
      last = await newTarget();
      return openSharedStore(last, options);
    },
    reopen: (options) => openSharedStore(last, options),
    // The TTL of the tables is their bound.
    evicts: false,
  });
});
