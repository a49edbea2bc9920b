/** Programs in processes of their own that trace, and end: what they printed, how they ended, what a server got of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { asLangfuse } from './clients.js';
import { decodeRequest } from './otlp.js';
import { type Answer, type Sink, startSink } from './sink.js';

export const REPOSITORY = join(import.meta.dirname, '../..');

export interface Ended {
  readonly ends: readonly [number | null, NodeJS.Signals | null];
  /** What the process printed. */
  readonly stdout: string;
  readonly stderr: string;
}

export async function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => (stdout += chunk));
  child.stderr?.on('data', (chunk) => (stderr += chunk));
  const ends = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { ends, stdout, stderr };
}

/** Prints the client's counts when the process exits. */
const PRINT_COUNTS = `process.on('exit', () => console.log(JSON.stringify(client.stats())));`;

/** A program that has a client, and prints its counts at the end. */
export function start(
  url: string,
  program: string,
  options: Record<string, unknown> = {},
  nodeArguments: readonly string[] = [],
  atExit = PRINT_COUNTS,
): ChildProcess {
  const source = `import { Tailrace } from 'tailrace';
    const open = () => new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: '${url}', ...${JSON.stringify(options)} });
    const client = open();
    const make = (n) => { for (let i = 0; i < n; i++) client.span({ name: 'made ' + i, input: 'x' }).end(); };
    ${atExit}
    ${program}`;
  const child = spawn(process.execPath, [...nodeArguments, '--input-type=module', '--eval', source], {
    cwd: REPOSITORY,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

export function spanIds(sink: Sink): string[] {
  return sink.requests
    .filter(({ url }) => url.endsWith('/traces'))
    .flatMap(({ body }) => decodeRequest(body).spans.map(({ spanId }) => spanId));
}

export async function startServer(answer: Answer = asLangfuse): Promise<Sink> {
  const sink = await startSink(answer);
  onTestFinished(() => sink.close());
  return sink;
}

/** An address where nobody listens. */
export async function deadUrl(): Promise<string> {
  const sink = await startSink();
  await sink.close();
  return sink.url;
}

/** Asks a server of ours as a browser does: by a connection that is kept alive, beside one on which nothing is asked. */
export async function askThreeTimes(port: number): Promise<void> {
  for (let i = 0; i < 3; i++) {
    expect(await (await fetch(`http://127.0.0.1:${port}/${i}`)).text()).toBe('hello');
  }
  const silent = connect(port, '127.0.0.1');
  silent.on('error', () => {});
  onTestFinished(() => void silent.destroy());
  await once(silent, 'connect');
}
