/**
 * What tracing adds to a call of LangChain, OpenAI's package and the AI SDK, by our integrations and by Langfuse's own:
 * `npm run bench:integrations`. µs of the main thread and of the whole process, above the same program without tracing;
 * a fresh process for each case and round, in interleaved rounds, on two processors and on one.
 *
 *   npm run bench:integrations -- --only openai --rounds 1 --seconds 1 --out DIR      a part of it, quickly
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { installNode } from '../test/support/node-versions.js';
import { describeRun } from './harness/environment.js';
import { startSink } from './harness/sink-client.js';
import { NOTHING, PROGRAMS, subjectsOf } from './integrations/programs.js';
import { printCase, summarizeCase } from './integrations/report.js';
import { isRecorded } from './integrations/turns.js';

const CHILD = fileURLToPath(new URL('./integrations/child.js', import.meta.url));
/** Processors of the measured process; the sink may use any. */
const PROCESSORS = { two: '0,1', one: '1' };
const PACKAGES = [
  '@langfuse/langchain',
  '@langfuse/openai',
  '@langfuse/vercel-ai-sdk',
  '@langfuse/otel',
].concat(['@langchain/core', '@langchain/langgraph', 'openai', 'openai-7', 'ai']);

/** A queue so long that Langfuse's loses nothing; no metrics and logs, which the SDK would send elsewhere. */
const OTEL_SETTINGS = {
  OTEL_BSP_MAX_QUEUE_SIZE: '100000',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
};

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [''] },
    subject: { type: 'string', multiple: true },
    processors: { type: 'string', multiple: true, default: Object.keys(PROCESSORS) },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    out: { type: 'string', default: fileURLToPath(new URL('./results', import.meta.url)) },
  },
});

const sink = await startSink('--spans');
const programs = Object.entries(PROGRAMS).filter(([title]) =>
  values.only.some((part) => title.includes(part)),
);
const cases = {};
for (const processors of values.processors) {
  for (const [title, program] of programs) {
    const name = `${title} · ${processors === 'one' ? 'one processor' : 'two processors'}`;
    cases[name] = summarizeCase(await measure(program, processors));
    printCase(name, cases[name]);
  }
}
sink.stop();

const run = describeRun([{ packages: PACKAGES }], [], {
  mode: 'integrations',
  rounds: Number(values.rounds),
});
mkdirSync(values.out, { recursive: true });
const text = JSON.stringify({ ...run, text: isRecorded ? 'recorded' : 'made up', cases }, undefined, 2);
writeFileSync(join(values.out, 'integrations.json'), `${text}\n`);

/** Subject → figures of the rounds. */
async function measure(program, processors) {
  const wanted = (subject) => values.subject === undefined || values.subject.includes(subject);
  const subjects = subjectsOf(program).filter((subject) => subject === NOTHING || wanted(subject));
  const results = Object.fromEntries(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      results[subject].push(await runChild(program, subject, processors));
    }
  }
  return results;
}

async function runChild({ node, ...program }, subject, processors) {
  await sink.reset();
  const forMs = Number(values.seconds) * 1000;
  const job = { ...program, subject, url: sink.url, forMs, warmUpMs: forMs };
  const binary = node === undefined ? process.execPath : installNode(node);
  const child = fork(CHILD, [JSON.stringify(job)], {
    ...launchedBy(binary, processors),
    env: { ...process.env, ...OTEL_SETTINGS },
  });
  const [figures] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${program.module} ${program.program} with ${subject} ended with ${code}`);
    }),
  ]);
  await once(child, 'exit');
  return figures;
}

/** `taskset` is Linux's: elsewhere every case has all processors. */
function launchedBy(binary, processors) {
  if (process.platform !== 'linux') return { execPath: binary, execArgv: ['--expose-gc'] };
  return { execPath: 'taskset', execArgv: ['-c', PROCESSORS[processors], binary, '--expose-gc'] };
}
