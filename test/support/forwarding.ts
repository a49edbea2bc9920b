/** `tailrace forward` as somebody starts it, in a process of its own, and entries for it to forward. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Tailrace, type TailraceOptions } from 'tailrace';
import { onTestFinished, vi } from 'vitest';
import { asLangfuse } from './clients.js';
import { parseMetrics } from './metrics-text.js';
import { decodeRequest } from './otlp.js';
import { REPOSITORY } from './programs.js';
import type { RedisServer } from './redis-server.js';
import { type Answer, type Sink, startSink } from './sink.js';

const CLI = join(REPOSITORY, 'dist/bin/cli.js');

export interface EndedForwarder {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last JSON line; undefined if it had no time for it. */
  readonly counts: Readonly<Record<string, unknown>> | undefined;
}

export interface RunningForwarder {
  readonly child: ChildProcess;
  /** What it has said on standard error. */
  readonly said: string[];
  readonly metricsUrl: string;
  /** By name with labels. */
  metrics(): Promise<Map<string, number>>;
  metric(name: string): Promise<number>;
  /** Resolves once a line of standard error has this text. */
  saying(text: string): Promise<string>;
  ended: Promise<EndedForwarder>;
  stop(signal?: NodeJS.Signals): Promise<EndedForwarder>;
}

export function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(LANGFUSE|OTEL)_|_proxy$/i.test(name));
  return { ...Object.fromEntries(own), ...more };
}

export async function startForwarder(
  source: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<RunningForwarder> {
  const args = [CLI, 'forward', '--from', source, '--metrics-port', '0', ...words];
  const child = spawn(process.execPath, args, { env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  const ended = new Promise<EndedForwarder>((resolve) => {
    child.on('close', (code, signal) => {
      const last = JSON.parse(lines.at(-1) ?? '{}');
      resolve({ code, signal, counts: last.kind === 'ended' ? last : undefined });
    });
  });
  const started = new Promise<{ metrics: string }>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      const parsed = JSON.parse(line);
      if (parsed.kind === 'started') resolve(parsed);
    });
    void ended.then(() => reject(new Error(`it did not start: ${said.join('\n')}`)));
  });
  const { metrics: metricsUrl } = await started;
  const metrics = async (): Promise<Map<string, number>> =>
    parseMetrics(await (await fetch(metricsUrl)).text());
  return {
    child,
    said,
    metricsUrl,
    metrics,
    metric: async (name) => (await metrics()).get(name) ?? Number.NaN,
    saying: (text) =>
      until(() => {
        const found = said.find((line) => line.includes(text));
        if (found === undefined) throw new Error(`it has not said ${text}: ${said.join('\n')}`);
        return found;
      }),
    ended,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return ended;
    },
  };
}

/** Waits until `check` no longer throws. */
export function until<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 40_000, interval: 25 });
}

export function toLangfuse(url: string, ...words: string[]): string[] {
  return [
    ...['--to', 'langfuse', '--base-url', url],
    ...['--public-key', 'pk', '--secret-key', 'sk', ...words],
  ];
}

export async function startServer(answer: Answer = asLangfuse): Promise<Sink> {
  const sink = await startSink(answer);
  onTestFinished(() => sink.close());
  return sink;
}

/** Answers nothing until it is let go. */
export function holding(): { readonly answer: Answer; letGo(): void } {
  const waiting: (() => void)[] = [];
  let isHolding = true;
  return {
    answer(request, response, index) {
      const give = (): void => asLangfuse(request, response, index);
      if (isHolding) waiting.push(give);
      else give();
    },
    letGo() {
      isHolding = false;
      for (const give of waiting.splice(0)) give();
    },
  };
}

type AddOptions = Omit<TailraceOptions, 'redis' | 'nats'> & {
  readonly redis?: Partial<NonNullable<TailraceOptions['redis']>>;
  readonly nats?: Partial<NonNullable<TailraceOptions['nats']>>;
};

/** Adds spans `span FROM` … to the stream, each batch of `flushAt` an entry. */
export async function addSpans(
  url: string,
  from: number,
  to: number,
  { redis, nats, ...options }: AddOptions = {},
): Promise<void> {
  const client = new Tailrace({
    flushAt: 1,
    ...options,
    ...(/^(nats|tls):/.test(url)
      ? { exporter: 'nats', nats: { ...nats, url } }
      : { exporter: 'redis', redis: { ...redis, url } }),
  });
  for (let i = from; i < to; i++)
    client.span({ name: `span ${i}`, input: `the private words of customer ${i}` }).end();
  const { sent } = await client.shutdown();
  if (sent !== to - from) throw new Error(`${sent} spans were added`);
}

/** The spans that a sink has taken. */
export function spansAt({ requests }: Pick<Sink, 'requests'>): { name: string; spanId: string }[] {
  return requests
    .filter(({ url }) => url.endsWith('/traces'))
    .flatMap(({ body }) => decodeRequest(body).spans.map(({ name, spanId }) => ({ name, spanId })));
}

export function namesAt(sink: Pick<Sink, 'requests'>): string[] {
  return [...new Set(spansAt(sink).map(({ name }) => name))].sort(
    (a, b) => Number(a.slice(5)) - Number(b.slice(5)),
  );
}

export function namesUpTo(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `span ${i}`);
}

/** Entries of a stream, and how many of them somebody has taken. */
export async function lengthsOf(
  { ask }: RedisServer,
  key = 'tailrace:0',
): Promise<{ entries: number; pending: number }> {
  const [pending] = (await ask('XPENDING', key, 'tailrace').catch(() => [0])) as [number];
  return { entries: Number(await ask('XLEN', key)), pending };
}

export async function untilEmpty(redis: RedisServer, key?: string): Promise<void> {
  await until(async () => {
    const { entries, pending } = await lengthsOf(redis, key);
    if (entries + pending > 0) throw new Error(`${entries} entries, ${pending} pending`);
  });
}
