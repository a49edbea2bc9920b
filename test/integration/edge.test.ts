/** The package in an edge runtime: what bundlers choose there can be called, and says that it does nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as client from 'tailrace';
import * as engine from 'tailrace/engine';
import * as otel from 'tailrace/otel';
import { expect, it } from 'vitest';
import * as edge from '../../dist/edge.js';
import { createProgram, REPOSITORY, run } from '../support/programs.js';

it('has everything that the entries have', () => {
  const names = [client, engine, otel].flatMap((entry) => Object.keys(entry));
  expect(Object.keys(edge)).toEqual(expect.arrayContaining(names));
});

it('needs nothing of Node.js', () => {
  const code = readFileSync(join(REPOSITORY, 'dist/edge-runtime.js'), 'utf8');
  expect(code).not.toMatch(/^import|require\(|node:/m);
});

const PROGRAM = `
import { observe, propagateAttributes, startActiveObservation, Tailrace, TailraceMedia } from 'tailrace';
import { createEngine } from 'tailrace/engine';
import { TailraceSpanProcessor } from 'tailrace/otel';

class Mine extends Tailrace {}
const tailrace = new Mine({ publicKey: 'pk', secretKey: 'sk' });
const trace = tailrace.trace({ name: 'a', input: new TailraceMedia({}) });
const generation = await trace.generation({ name: 'b' }).update({}).end();
tailrace.on('error', () => {})();
const answers = [
  generation.id,
  observe((x) => 2 * x)(21),
  await startActiveObservation('c', async (span) => (span.update({}), 'run')),
  propagateAttributes({ userId: 'u' }, () => 'inside'),
  (await tailrace.flush()).accepted,
  (await tailrace.shutdown()).pending,
  createEngine({}).push({}),
  await new TailraceSpanProcessor().forceFlush().then(() => 'flushed'),
  JSON.stringify({ trace }),
];
console.log(JSON.stringify(answers));
`;

it('runs a program, and says once that nothing is traced', async () => {
  const folder = createProgram({ 'program.mjs': PROGRAM }, { tailrace: REPOSITORY });
  const warnings = `console.warn = (text) => console.log(text);\n`;
  const output = await run(folder, [
    '--conditions=edge-light',
    '--import',
    `data:text/javascript,${encodeURIComponent(warnings)}`,
    'program.mjs',
  ]);
  const [warning, answers, ...more] = output.trim().split('\n');
  expect(warning).toContain('nothing is traced here');
  expect(JSON.parse(answers as string)).toEqual([
    '',
    42,
    'run',
    'inside',
    0,
    0,
    false,
    'flushed',
    '{"trace":{}}',
  ]);
  expect(more).toEqual([]);
});
