/** `tailrace demo`: traces into a local receiver and compares what was traced with what was stored. */
import { constants } from 'node:os';
import { DEFAULT_PORT, type Receiver, type ReceiverOptions } from '../../receiver/receiver.js';
import { startReceiverThread } from '../../receiver/thread/receiver-thread.js';
import { printable } from '../../shared/untrusted-text/printable.js';
import type { DemoOptions } from '../arguments.js';
import { readPriceFile } from '../files.js';
import { type Io, interrupted, printLine } from '../io.js';
import { createLocalClient } from '../sample/local-client.js';
import { createPaint, createProgressLine, NO_PROGRESS, type ProgressLine } from '../terminal.js';
import { reportLines } from './report.js';
import { openSource, type Source } from './source.js';
import { findDifferences, type Outcome, summarize } from './summary.js';
import { totalEvents } from './tally.js';
import type { Through } from './through.js';
import { measureWarmCost, WARM_UP_EVENTS, type WarmCost } from './warm-cost.js';

/** Resolves to the exit code. Rejects if the receiver cannot start, and with a UsageError for an invalid file. */
export async function runDemo(options: DemoOptions, io: Io): Promise<number> {
  const source = await openSource(options);
  const through = await open(options);
  const receiver = await startDemoReceiver(options, io);
  try {
    const progress = options.json ? NO_PROGRESS : createProgressLine(io.stderr, io.env);
    await through?.forwardTo(receiver.url, (text) => printProblem(text, progress, io), io.interrupt);
    const outcome = await trace(source, receiver, through, progress, io);
    const warm = await measureWarm(source, outcome, progress, io);
    progress.clear();
    const differences = findDifferences(outcome);
    const subject = through === undefined ? source.subject : `${source.subject}, through ${through.url},`;
    report({ ...outcome, warm }, subject, differences, options, io);
    if (options.once || io.interrupt.aborted) return exitCode(differences, io);
    await interrupted(io);
    return 0;
  } finally {
    await through?.close();
    await receiver.close();
  }
}

/** Loaded if it is wanted: it brings a client for HTTP along, which a demo has in its worker alone. */
async function open({ through: url }: DemoOptions): Promise<Through | undefined> {
  if (url === undefined) return undefined;
  const { openThrough } = await import('./through.js');
  return openThrough(url);
}

/** In a thread of its own, so that the measured thread does not pay for it. */
async function startDemoReceiver({ port, once, dataDir, priceFile }: DemoOptions, io: Io): Promise<Receiver> {
  const prices = readPriceFile(priceFile);
  const start = (options: ReceiverOptions) =>
    startReceiverThread({ dataDir, prices, ...options }, (message) =>
      printLine(io.stderr, `tailrace: ${message}`),
    );
  if (port !== undefined) return start({ port });
  // Parallel runs must not conflict.
  if (once) return start({ port: 0 });
  try {
    return await start({ port: DEFAULT_PORT });
  } catch {
    const receiver = await start({ port: 0 });
    printLine(io.stderr, `Port ${DEFAULT_PORT} is taken: the page is on port ${receiver.port} this time.`);
    return receiver;
  }
}

async function trace(
  source: Source,
  receiver: Receiver,
  through: Through | undefined,
  progress: ProgressLine,
  io: Io,
): Promise<Outcome> {
  const before = await receiver.counts();
  const known = new Set((await receiver.complaints()).complaints.map(({ id }) => id));
  const client = through?.createClient() ?? createLocalClient(receiver.url);
  const warn = (message: string) => printProblem(message, progress, io);
  for (const kind of ['error', 'drop', 'warning'] as const) client.on(kind, warn);

  const start = performance.now();
  const run = await source.run(client, {
    signal: io.interrupt,
    onProgress: (text) => progress.show(text),
    onProblem: warn,
  });
  const counts = await client.shutdown();
  await through?.delivered(io.interrupt);
  const durationMs = performance.now() - start;
  progress.clear();
  const [after, usage] = [await receiver.counts(), await receiver.usage()];
  const { complaints: all, more } = await receiver.complaints();
  // A store in a folder may contain complaints of earlier runs.
  const complaints = all.filter(({ id }) => !known.has(id));
  return { ...run, counts, before, after, usage, complaints, more, durationMs, url: receiver.url };
}

/** A long run is warm already; a source that cannot run again is not measured again. */
async function measureWarm(
  source: Source,
  { tally, url }: Outcome,
  progress: ProgressLine,
  { interrupt }: Io,
): Promise<WarmCost | undefined> {
  const events = totalEvents(tally);
  if (interrupt.aborted || !source.isRepeatable || events === 0 || events >= WARM_UP_EVENTS) return undefined;
  return measureWarmCost(source, url, interrupt, (text) => progress.show(text));
}

function printProblem(message: string, progress: ProgressLine, io: Io): void {
  progress.clear();
  printLine(io.stderr, printable(`tailrace: ${message}`));
}

function report(
  outcome: Outcome,
  subject: string,
  differences: readonly string[],
  { json, once }: DemoOptions,
  io: Io,
): void {
  for (const difference of differences) printLine(io.stderr, printable(`tailrace: ${difference}`));
  const summary = summarize(outcome);
  if (json) {
    printLine(io.stdout, JSON.stringify(summary));
    return;
  }
  const paint = createPaint(io.stdout, io.env);
  const isInterrupted = io.interrupt.aborted;
  const head = isInterrupted ? `${subject}, interrupted,` : subject;
  for (const line of reportLines(summary, head, differences.length === 0, paint)) printLine(io.stdout, line);
  const url = paint('cyan', summary.url);
  const hint = once || isInterrupted ? 'closed now; without --once it stays' : 'Ctrl-C ends it';
  printLine(io.stdout, `  Page: ${url}  ${paint('dim', `(${hint})`)}`);
}

function exitCode(differences: readonly string[], { interrupt }: Io): number {
  // The convention of shells for a program that was ended by a signal.
  if (interrupt.aborted) return 128 + constants.signals[interrupt.reason as NodeJS.Signals];
  return differences.length === 0 ? 0 : 1;
}
