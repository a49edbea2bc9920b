/**
 * The suite on every version of Node.js that is supported, `npm run test:matrix`: a table of what passed on each.
 *
 *   npm run test:matrix -- --only 22 --only 24 ring      those versions, the test files whose names have "ring" in them
 *
 * It fails if a test fails, or if for one of the names no test ran.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installNode, NODE_VERSIONS, nodeFolder } from './support/node-versions.js';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));

const { values, positionals: filters } = parseArgs({
  options: { only: { type: 'string', multiple: true, default: NODE_VERSIONS } },
  allowPositionals: true,
});

const rows = values.only.map((version) => runSuite(version, installNode(version)));
console.table(Object.fromEntries(rows.map(({ node, failures: _, ...row }) => [node, row])));
for (const { node, failures } of rows) {
  for (const name of failures) console.log(`${node} failed: ${name}`);
}
if (rows.some(({ ok, failures }) => !ok || failures.length > 0)) process.exitCode = 1;

function runSuite(version, binary) {
  const node = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
  const results = join(nodeFolder(version), 'results.json');
  rmSync(results, { force: true });
  console.log(`\n== node ${node}`);
  const startedAt = performance.now();
  const vitest = join(REPOSITORY, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${results}`];
  const { status } = spawnSync(binary, [vitest, 'run', ...reporters, ...filters], {
    cwd: REPOSITORY,
    stdio: 'inherit',
    // What the tests start by name, npm among it, runs on this version as well.
    env: { ...process.env, PATH: `${dirname(binary)}${delimiter}${process.env.PATH}` },
  });
  return {
    node,
    ...summary(results),
    seconds: Math.round((performance.now() - startedAt) / 1000),
    ok: status === 0,
  };
}

function summary(results) {
  if (!existsSync(results)) return { passed: 0, failed: 0, skipped: 0, failures: ['the suite did not run'] };
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
    readFileSync(results, 'utf8'),
  );
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((one) => one.status === 'failed').map(({ fullName }) => fullName);
    return status === 'failed' && failed.length === 0 ? [`${name}: ${message}`] : failed;
  });
  const hasRun = (filter) =>
    testResults.some(
      ({ name, assertionResults }) =>
        name.includes(filter) && assertionResults.some(({ status }) => status === 'passed'),
    );
  for (const filter of filters) if (!hasRun(filter)) failures.push(`${filter}: no test ran`);
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests, failures };
}
