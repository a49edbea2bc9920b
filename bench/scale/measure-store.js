/** What a row costs ClickHouse: rows that the clickhouse exporter has made, inserted into the engine with the exporter's tables. */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runExporter } from '../exporters/run-exporter.js';
import { startWitness } from './witness.js';

const pathOf = (path) => fileURLToPath(new URL(path, import.meta.url));
const CLI = pathOf('../../dist/bin/cli.js');
const CHILD = pathOf('./store-child.js');
const ENGINE = pathOf('../../test/clickhouse/node_modules/chdb');
const ROWS = 512;

/** Undefined where the engine is not installed. */
export async function measureStore({ workloads, say }) {
  if (!existsSync(ENGINE)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-scale-'));
  const schema = join(folder, 'schema.sql');
  writeFileSync(schema, execFileSync(process.execPath, [CLI, 'clickhouse-schema']));
  const figures = {};
  for (const workload of workloads) {
    say(`clickhouse · rows of ${workload}`);
    const rows = join(folder, `${workload}.json`);
    writeFileSync(rows, await rowsOf(workload));
    const child = fork(CHILD, [rows, schema]);
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the engine has ended with ${code}`);
    });
    [figures[workload]] = await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => {});
  }
  rmSync(folder, { recursive: true });
  return figures;
}

async function rowsOf(workload) {
  const witness = await startWitness();
  const bodies = witness.keepBodies();
  const clickhouse = { url: witness.url, migrate: false };
  await runExporter({
    options: { exporter: 'clickhouse', clickhouse, compression: 'none' },
    ...{ workload, perSecond: 1_000, warmUp: ROWS, events: 1 },
  });
  witness.stop();
  return Buffer.concat(bodies);
}
