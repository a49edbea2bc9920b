/** `tailrace forward`: brings batches from streams of Redis or NATS to a target, until Ctrl-C. */
import type { Lag, Source } from '../../forward/contract.js';
import { createForwarder, type ForwardNews } from '../../forward/forwarder.js';
import { metricsText, serveMetrics } from '../../forward/metrics.js';
import { counted } from '../../messages/quantities.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { type Io, printLine } from '../io.js';
import { createProgressLine } from '../terminal.js';
import type { ForwardOptions } from './arguments.js';
import { openTarget } from './destination.js';
import { createRates, jsonLine, progressText } from './report.js';
import { openSource } from './source.js';

const SHOW_MS = 1_000;
/** Of the JSON lines: a log keeps them. */
const LOG_MS = 10_000;
/** Different reasons of dead letters that are printed; the counts have all. */
const MAX_REASONS = 20;

/** Resolves to the exit code; rejects if it cannot start. `argv`: the whole command line. */
export async function runForward(options: ForwardOptions, argv: readonly string[], io: Io): Promise<number> {
  const from = options.from(io.env);
  const isTerminal = io.stdout.isTTY === true;
  const progress = createProgressLine(io.stdout, io.env);
  const say = (line: string): void => {
    progress.clear();
    printLine(io.stderr, `tailrace: ${line}`);
  };
  const warn = sayOnce(say);
  const target = openTarget(options, io.env, warn);
  const source = openSource(from, options, argv, warn);
  const { claimAfterMs, maxAttempts, inFlight, metricsPort } = options;
  const onNews = tellNews(say, source.url, target.url);
  const forwarder = createForwarder({ source, target, inFlight, claimAfterMs, maxAttempts, onNews });
  let lag: Lag | undefined;
  const metrics =
    metricsPort === undefined
      ? undefined
      : await serveMetrics({ host: options.metricsHost, port: metricsPort }, () =>
          metricsText(forwarder, lag),
        );
  printStart(io, isTerminal, { from: source.url, to: target.url, metrics: metrics?.url });

  const rates = createRates(forwarder.counts, monotonicNow);
  let loggedAt = monotonicNow();
  let isMeasuring = false;
  const measure = async (): Promise<void> => {
    if (isMeasuring) return;
    isMeasuring = true;
    lag = await source.lag().catch(() => lag);
    isMeasuring = false;
  };
  const timer = setInterval(() => {
    void measure();
    if (isTerminal) progress.show(progressText(forwarder, lag, rates()));
    else if (monotonicNow() - loggedAt >= LOG_MS) {
      loggedAt = monotonicNow();
      printLine(io.stdout, jsonLine('forwarding', forwarder, lag, rates()));
    }
  }, SHOW_MS);
  await forwarder.run(io.interrupt, options.replayDead);
  clearInterval(timer);
  metrics?.close();
  progress.clear();
  printLine(
    io.stdout,
    isTerminal ? progressText(forwarder, undefined, rates()) : jsonLine('ended', forwarder, lag, undefined),
  );
  return 0;
}

function printStart(
  { stdout }: Io,
  isTerminal: boolean,
  at: { readonly from: Source['url']; readonly to: string; readonly metrics: string | undefined },
): void {
  if (!isTerminal) {
    printLine(stdout, JSON.stringify({ kind: 'started', time: new Date().toISOString(), ...at }));
    return;
  }
  printLine(stdout, `forwarding from ${at.from} to ${at.to}; Ctrl-C ends it`);
  if (at.metrics !== undefined) printLine(stdout, `metrics at ${at.metrics}`);
}

function sayOnce(say: (line: string) => void): (topic: string, text: string) => void {
  const said = new Set<string>();
  return (topic, text) => {
    if (said.has(topic)) return;
    said.add(topic);
    say(text);
  };
}

/** Says each trouble once until it is over, and each reason of dead letters once. `source`, `target`: their addresses. */
export function tellNews(
  say: (line: string) => void,
  source: string,
  target: string,
): (news: ForwardNews) => void {
  const names = { source, target };
  const reasons = new Set<string>();
  let hasDropped = false;
  return (news) => {
    switch (news.kind) {
      case 'trouble':
        say(
          `${names[news.of]} ${news.misconfigured ? 'must be configured' : 'is in trouble'}: ${news.reason}. Entries stay in the streams.`,
        );
        return;
      case 'recovered':
        say(`${names[news.of]} works again`);
        return;
      case 'replayed':
        say(`put ${counted(news.count, 'dead letter')} back`);
        return;
      case 'dead-letter':
        if (news.dropped > 0 && !hasDropped) {
          hasDropped = true;
          say(
            'the stream of dead letters is full: the oldest go (see dead_letters_dropped_total, --max-dead)',
          );
        }
        if (reasons.has(news.reason) || reasons.size >= MAX_REASONS) return;
        reasons.add(news.reason);
        say(`dead letter from ${news.name}: ${news.reason}`);
    }
  };
}
