/**
 * The totals of JSON reports of vitest: which tests were skipped, whose names say why, and last `N passed, N failed`.
 * A report that is missing, or that has no passed test, counts as a failure.
 */
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

let passed = 0;
let failed = 0;
for (const path of process.argv.slice(2)) {
  const { numPassedTests = 0, numFailedTests = 0, testResults = [] } = read(path);
  const failures = numFailedTests + testResults.filter(isBroken).length;
  passed += numPassedTests;
  failed += numPassedTests === 0 ? Math.max(1, failures) : failures;
  for (const line of skipped(testResults)) print(`skipped: ${line}`);
}
print(`${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;

function read(path) {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text === '' ? {} : JSON.parse(text);
}

/** A file that could not be loaded, or whose hooks failed. */
function isBroken({ status, assertionResults }) {
  return status === 'failed' && !assertionResults.some((one) => one.status === 'failed');
}

/** One line for each suite, or test outside of one. */
function skipped(testResults) {
  const counts = new Map();
  for (const { name: file, assertionResults } of testResults) {
    for (const { status, ancestorTitles, title } of assertionResults) {
      if (status === 'passed' || status === 'failed') continue;
      const what = `${relative('.', file)} · ${ancestorTitles.join(' · ') || title}`;
      counts.set(what, (counts.get(what) ?? 0) + 1);
    }
  }
  return [...counts].map(([what, count]) => `${count} of ${what}`);
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
