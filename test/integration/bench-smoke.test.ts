/** The benchmarks run, count right and write their reports. Nothing here looks at how long anything takes. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { asLangfuse } from '../support/clients.js';
import { noRedis } from '../support/redis-server.js';
import { startSink } from '../support/sink.js';

interface Subject {
  median: Record<string, number | null>;
  rounds: (Record<string, number | null> | null)[];
  troubles: { message: string }[];
}
type Cases = Record<string, { subjects: Record<string, Subject> }>;
interface Results {
  node: string;
  versions: Record<string, string>;
  sections: Record<string, Cases>;
}

/** Only subjects that the project's own dependencies can serve: the peers are not installed here. */
async function runPeers(
  subjects: string,
  sections: string,
): Promise<{ results: Results; directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'tailrace-bench-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const script = join(import.meta.dirname, '../../bench/peers.js');
  const options = ['--smoke', '--subjects', subjects, '--sections', sections, '--out', directory];
  await promisify(execFile)(process.execPath, [script, ...options], { timeout: 50_000 });
  return { results: JSON.parse(readFileSync(join(directory, 'peers.json'), 'utf8')), directory };
}

/** The figures of a subject in the one case of a section, all of them finite. */
function figuresOf(results: Results, section: string, id: string): Record<string, number | null> {
  const [[name, { subjects }]] = Object.entries(results.sections[section] as Cases) as [
    [string, Cases[string]],
  ];
  const subject = subjects[id];
  if (subject === undefined) throw new Error(`${section} · ${name} has no ${id}`);
  expect(subject.troubles, `${section} · ${id}`).toEqual([]);
  expect(subject.rounds).toHaveLength(1);
  for (const figures of [subject.median, ...subject.rounds]) {
    for (const [figure, value] of Object.entries(figures ?? { figures: null })) {
      // A subject without counts of its own says null; a figure that could not be reckoned would, too.
      if (value === null && figure === 'accepted') continue;
      expect(Number.isFinite(value), `${section} · ${id} · ${figure} = ${value}`).toBe(true);
    }
  }
  return subject.median;
}

it('every section measures tailrace, loses nothing and writes every report', async () => {
  const sections = ['paced', 'saturating', 'rate', 'burst', 'flush', 'startup', 'rest'];
  const { results, directory } = await runPeers('nothing,tailrace', sections.join(','));
  expect(Object.keys(results.sections)).toEqual(sections);
  for (const section of sections) figuresOf(results, section, 'tailrace');
  for (const section of ['paced', 'saturating', 'burst', 'startup', 'rest']) {
    figuresOf(results, section, 'nothing');
  }

  const all = { paced: 200, saturating: 200, burst: 500 };
  for (const [section, events] of Object.entries(all)) {
    const counts = { offered: events, accepted: events, delivered: events, lost: 0 };
    expect(figuresOf(results, section, 'tailrace'), section).toMatchObject(counts);
  }
  expect(figuresOf(results, 'burst', 'tailrace')).toMatchObject({ wholeUpTo: 500 });
  expect(figuresOf(results, 'flush', 'tailrace')).toMatchObject({ offered: 3, deliveredWhenFlushed: 3 });
  const charts = ['latency.svg', 'cost.svg', 'burst.svg', 'rate.svg'];
  for (const file of ['peers.json', 'peers.html', 'peers.md', ...charts]) {
    expect(existsSync(join(directory, file)), file).toBe(true);
  }
  expect(readFileSync(join(directory, 'peers.html'), 'utf8')).not.toMatch(/NaN|undefined/);
});

it('each call is measured beside what is open', async () => {
  const sink = await startSink(asLangfuse);
  onTestFinished(() => sink.close());
  const script = join(import.meta.dirname, '../../bench/flat/child.js');
  const { stdout } = await promisify(execFile)(process.execPath, [script, sink.url, '1,000 open', '5']);
  const figures = Object.entries(JSON.parse(stdout) as Record<string, number>);
  expect(figures.map(([call]) => call)).toEqual(
    expect.arrayContaining(['span()', 'generation({traceId})', 'flush(), at once', 'off()', 'the exit']),
  );
  for (const [call, micros] of figures) expect(Number.isFinite(micros), call).toBe(true);
});

it('a floor and a peer are measured as well', async () => {
  const { results } = await runPeers('floor-encode,langfuse-3', 'paced');
  const counts = { offered: 200, delivered: 200, lost: 0 };
  expect(figuresOf(results, 'paced', 'langfuse-3')).toMatchObject(counts);
  figuresOf(results, 'paced', 'floor-encode');
  expect(results.node).toBe(process.version);
  expect(results.versions.langfuse).toMatch(/^3\./);
});

it('an integration and its peer deliver each span of what is measured', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tailrace-bench-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const script = join(import.meta.dirname, '../../bench/integrations.js');
  const part = [
    '--only',
    'LangChain',
    '--processors',
    'two',
    '--subject',
    'tailrace',
    '--subject',
    'langfuse',
  ];
  const options = [...part, '--rounds', '1', '--seconds', '0.05', '--out', directory];
  await promisify(execFile)(process.execPath, [script, ...options], { timeout: 50_000 });
  const { cases } = JSON.parse(readFileSync(join(directory, 'integrations.json'), 'utf8'));
  const [[name, subjects]] = Object.entries(cases as Record<string, Record<string, Subject>>) as [
    [string, Record<string, Subject>],
  ];
  expect(name).toMatch(/^LangChain.* · two processors$/);
  expect(Object.keys(subjects)).toEqual(['nothing', 'tailrace', 'langfuse']);
  for (const [id, { rounds }] of Object.entries(subjects)) {
    const isTracing = id !== 'nothing';
    expect(rounds, id).toMatchObject([{ lost: 0, lostSpans: 0, spansPerCall: isTracing ? 4 : 0 }]);
    for (const [figure, value] of Object.entries(rounds[0] ?? {})) {
      if (figure !== 'node') expect(Number.isFinite(value), `${id} · ${figure} = ${value}`).toBe(true);
    }
  }
});

it('a service with a tracer serves, and delivers each generation', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tailrace-bench-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const script = join(import.meta.dirname, '../../bench/service.js');
  const part = ['--subject', 'nothing', '--subject', 'tailrace-gzip', '--processors', 'two'];
  const options = [...part, '--rounds', '1', '--seconds', '0.1', '--out', directory];
  await promisify(execFile)(process.execPath, [script, ...options], { timeout: 50_000 });
  const { cases } = JSON.parse(readFileSync(join(directory, 'service.json'), 'utf8'));
  expect(Object.keys(cases)).toEqual([process.version]);
  const { two } = cases[process.version];
  const [{ lost, perSecond, compression }] = two['tailrace-gzip'].rounds;
  expect(lost).toBe(0);
  expect(perSecond).toBeGreaterThan(0);
  expect(compression).toBeGreaterThan(1);
});

it('the cost of an event is measured after others, and beside other threads', async () => {
  const sink = await startSink(asLangfuse);
  onTestFinished(() => sink.close());
  for (const [script, count] of [
    ['events', '1000'],
    ['threads', '2'],
  ]) {
    const path = join(import.meta.dirname, `../../bench/growth/${script}.js`);
    const { stdout } = await promisify(execFile)(process.execPath, [path, sink.url, count as string], {
      timeout: 50_000,
    });
    for (const { processMicros, lost } of [JSON.parse(stdout)].flat()) {
      expect(processMicros, script).toBeGreaterThan(0);
      expect(lost, script).toBe(0);
    }
  }
});

it('exporters are measured side by side, and lose nothing', async () => {
  const script = join(import.meta.dirname, '../../bench/exporters.js');
  const only = ['clickhouse', ...(noRedis === undefined ? ['redis'] : [])];
  const options = ['--only', only.join(), '--rounds', '1', '--events', '100'];
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...options], { timeout: 50_000 });
  const rows = stdout.split('\n').filter((line) => /uncompressed|gzip/.test(line));
  expect(rows.length).toBe(2 * (1 + only.length));
  for (const row of rows) expect(row).toMatch(/ 0$/);
});

it.skipIf(noRedis !== undefined)(
  'the plan for many writers is made from what is measured',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tailrace-bench-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const script = join(import.meta.dirname, '../../bench/scale.js');
    const run = (...options: string[]) =>
      promisify(execFile)(process.execPath, [script, '--out', directory, ...options], { timeout: 120_000 });
    const { stdout } = await run('--smoke');
    const { clients, check } = JSON.parse(readFileSync(join(directory, 'scale.json'), 'utf8'));
    for (const { exporter, bytesPerEvent, processMicros } of clients) {
      expect(processMicros, exporter).toBeGreaterThan(0);
      if (exporter !== 'nothing') expect(bytesPerEvent, exporter).toBeGreaterThan(100);
    }
    expect(check.length).toBe(1);
    for (const title of [
      'A million events',
      '1,000 services with 10,000 events/s',
      'What breaks first',
      'Check: 4',
    ]) {
      expect(stdout).toContain(`\n${title}`);
    }
    expect(stdout).not.toMatch(/NaN|undefined/);
    // The same figures give the same plan.
    expect((await run('--smoke', '--simulate')).stdout).toBe(stdout);
  },
  180_000,
);
