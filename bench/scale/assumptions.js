/**
 * What the plan takes for granted and nobody has measured here, each with its source. `bench/scale.js --set name=value` replaces one. All else
 * is measured, or an option's default.
 */
export const ASSUMPTIONS = {
  /** Of a core, a link or a limit: so much is used on average, and the rest is for peaks and for what waited during an outage. Our choice. */
  useOfCapacity: 0.6,
  /** Of each machine, both ways at once. 25 Gbit/s is what servers of a cloud's middle sizes have. Our choice. */
  networkGigabits: 25,
  /** redis.conf, `maxclients`: 10000 by default. https://redis.io/docs/latest/develop/reference/clients/ */
  redisMaxClients: 10_000,
  /** Of one server for its streams. Our choice: a fork for a snapshot, or a replica, must fit beside it. */
  redisMemoryGib: 64,
  /** From a request to its answer, mean. Our choice, within a data center. */
  targetLatencyMs: 50,
  /** ClickHouse, "Estimating resources": one vCPU for ingestion for each 10 MB/s before compression, merges included.
   * https://clickhouse.com/docs/clickstack/self-configured/managing/estimating-resources */
  storeMegabytesPerCoreSecond: 10,
  /** The same page: how many times smaller data are on disk. */
  storeCompression: 10,
  /** Cores of one ClickHouse server. Our choice. */
  storeCores: 32,
  /** How often a row is written again by merges. Our choice: parts of seconds become parts of up to 150 GB in four to six steps. */
  mergePasses: 5,
  /** A part for each table and flush with `async_insert`: ClickHouse, `async_insert_busy_timeout_max_ms`, 200 by default, 1,000 in its cloud.
   * https://clickhouse.com/docs/reference/settings/session-settings/async-insert */
  asyncFlushMs: 1_000,
  /** ClickHouse, `parts_to_delay_insert`: inserts into a partition with more active parts are slowed down; with 3,000 they are refused.
   * https://clickhouse.com/docs/reference/settings/merge-tree-settings/parts-to */
  partsToDelay: 1_000,
  /** How long the part of an insert waits for a merge on a server that is not overloaded. Our choice; it sets how many parts are active. */
  partSeconds: 60,
  /** Minutes for which the target may be away without a loss. */
  outageMinutes: 5,
};

/** @param {string[]} texts such as `networkGigabits=10` */
export function withAssumptions(texts) {
  const given = texts.map((text) => text.split('='));
  for (const [name, value] of given) {
    if (!(name in ASSUMPTIONS) || !Number.isFinite(Number(value))) {
      throw new RangeError(
        `--set must be name=number, with one of ${Object.keys(ASSUMPTIONS).join(', ')}, but got: ${name}=${value}`,
      );
    }
  }
  return { ...ASSUMPTIONS, ...Object.fromEntries(given.map(([name, value]) => [name, Number(value)])) };
}
