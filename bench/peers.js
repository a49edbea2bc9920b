/**
 * Ours and the peers side by side, in one run: `npm run bench:peers`. Every subject runs in a fresh process per case and
 * round, the rounds are interleaved, and every comparison is a ratio within the run.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HELP, readArguments } from './harness/arguments.js';
import { cellsOf } from './harness/cells.js';
import { describeRun } from './harness/environment.js';
import { installPeers } from './harness/install.js';
import { summarize } from './harness/results.js';
import { runRounds, searchRates } from './harness/rounds.js';
import { startSink } from './harness/sink-client.js';
import { describeWorkload } from './harness/workloads.js';
import { printSection, printTroubles } from './report/terminal.js';
import { writeReports } from './report/write.js';
import { missingOf, subjectOf } from './subjects/registry.js';

const { help, subjects: ids, sections, settings, directory } = readArguments(process.argv.slice(2));
if (help) {
  console.log(HELP);
  process.exit();
}

const all = await Promise.all(ids.map(subjectOf));
installPeers(all);
const skipped = all.filter((subject) => missingOf(subject).length > 0);
for (const subject of skipped)
  console.log(`skipped: ${subject.id} (not there: ${missingOf(subject).join(', ')})`);
const subjects = all.filter((subject) => !skipped.includes(subject));

const startedMs = Date.now();
const sink = await startSink();
const results = { ...describeRun(subjects, skipped, settings), workloads: {}, sections: {} };
for (const { job } of sections.flatMap((section) => cellsOf(section, subjects, settings))) {
  results.workloads[job.workload] ??= describeWorkload(job.workload);
}
for (const section of sections) {
  const cells = cellsOf(section, subjects, settings);
  if (cells.length === 0) continue;
  const measured =
    section === 'rate'
      ? await searchRates(cells, settings.rate.steps, settings.rateBounds, sink, progress)
      : await runRounds(cells, settings.rounds[section], sink, progress);
  progress('');
  results.sections[section] = summarize(measured);
  printSection(section, results.sections[section], results.workloads);
}
sink.stop();
results.tookSeconds = Math.round((Date.now() - startedMs) / 1000);

printTroubles(results);
const target =
  directory === undefined ? fileURLToPath(new URL('./results', import.meta.url)) : resolve(directory);
mkdirSync(target, { recursive: true });
console.log(`\n${results.tookSeconds} s. Reports:`);
for (const file of writeReports(results, target)) console.log(`  ${file}`);

/** One line, overwritten; nothing where nobody watches. */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
