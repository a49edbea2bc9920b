/**
 * ClickHouse's engine (test/clickhouse), with the real tables, in a process of its own: `store-child.js <file with rows> <statements>`. It says
 * what a row costs when it is inserted, and when its part is merged once.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Session } from '../../test/clickhouse/node_modules/chdb/index.js';

/** Rows of one insert, and inserts of that size. */
const INSERTS = [
  { rows: 512, times: 30 },
  { rows: 4_096, times: 6 },
];
const TABLE = 'tailrace_observations';
/** What the exporter says with each insert, and that equal rows are no repeat. */
const SETTINGS = `insert_deduplicate = 0, input_format_json_read_objects_as_strings = 1,
  input_format_json_read_arrays_as_strings = 1`;
const ID = /"(id|trace_id)":"([0-9a-f]{4})/g;

const [file, schema] = process.argv.slice(2);
const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
const folder = mkdtempSync(join(tmpdir(), 'tailrace-scale-'));
const session = new Session(folder);
const run = (statement) => String(session.query(statement, 'TabSeparated')).trim();
for (const statement of readFileSync(schema, 'utf8').split(/;\s*\n/)) {
  if (statement.trim() !== '') run(statement);
}

let copy = 0;
/** Ids of their own: rows with the same key would become one. */
function bodyOf(rows) {
  const parts = [];
  for (let i = 0; i < rows; i++) {
    if (i % lines.length === 0) copy++;
    const prefix = copy.toString(16).padStart(4, '0');
    parts.push(lines[i % lines.length].replace(ID, (_, name) => `"${name}":"${prefix}`));
  }
  return parts.join('\n');
}

function cpuOf(work) {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

run(`SYSTEM STOP MERGES ${TABLE}`);
const sizes = INSERTS.map(({ rows, times }) => {
  const bodies = Array.from({ length: times }, () => bodyOf(rows));
  const insert = (body) => run(`INSERT INTO ${TABLE} SETTINGS ${SETTINGS} FORMAT JSONEachRow ${body}`);
  insert(bodies[0]);
  const micros = cpuOf(() => bodies.slice(1).forEach(insert));
  return { rows, insertMicros: micros / (times - 1) };
});
const stored = Number(run(`SELECT count() FROM ${TABLE}`));
run(`SYSTEM START MERGES ${TABLE}`);
const mergeMicros = cpuOf(() => run(`OPTIMIZE TABLE ${TABLE} FINAL`));
const kept = Number(run(`SELECT count() FROM ${TABLE}`));
process.send(
  {
    sizes,
    rowBytes: lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0) / lines.length,
    mergeMicrosPerRow: mergeMicros / stored,
    // Its bytes on disk say nothing: texts come again after some hundred kB, which ZSTD sees and gzip does not.
    lost: stored - kept,
  },
  () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit();
  },
);
