/** What a demo traces: the sample agent, or the conversations of a file. */
import { access, constants, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Tailrace } from '../index.js';
import { type DemoOptions, UsageError } from './arguments.js';
import { replayFile } from './replay.js';
import { conversations } from './sample/conversations.js';
import { runSampleAgent } from './sample-agent.js';
import { type Tally, totalEvents } from './tally.js';
import { progressBar } from './terminal.js';
import { watchTracing } from './watch-tracing.js';

export interface Source {
  /** Says what is traced, at the head of the summary. */
  readonly subject: string;
  run(client: Tailrace, watch: Watch): Promise<Run>;
}

export interface Watch {
  readonly signal: AbortSignal;
  onProgress(text: string): void;
  onProblem(message: string): void;
}

export interface Run {
  readonly tally: Tally;
  readonly skipped: number;
  /** Time that the tracing calls took on the application's thread. */
  readonly tracingMs: number;
}

/** Rejects with a UsageError when the file cannot be read. */
export async function openSource({ file, repeat }: DemoOptions): Promise<Source> {
  return file === undefined ? sampleSource(repeat) : replaySource(file, await sizeOf(file), repeat);
}

/** Only the tracing calls are timed; they are few, so most of them run before they have been optimised. */
function sampleSource(repeat: number): Source {
  const total = repeat * conversations.length;
  return {
    subject: 'The sample agent',
    async run(client, { signal, onProgress }) {
      const watch = watchTracing(client);
      const { tally } = watch;
      for (let round = 0; round < repeat && !signal.aborted; round++) {
        await client.ready();
        runSampleAgent(client);
        onProgress(progressText('the sample agent works', tally.traces / total, tally));
      }
      return { tally, skipped: 0, tracingMs: watch.tracingMs };
    },
  };
}

function replaySource(path: string, fileBytes: number, repeat: number): Source {
  const file = basename(path);
  return {
    subject: `Replay of ${file}${repeat === 1 ? '' : `, ${repeat} times`}`,
    run: (client, { signal, onProgress, onProblem }) =>
      replayFile(client, path, {
        name: basename(path, extname(path)),
        repeat,
        signal,
        onSkippedLine: (line, problem) => onProblem(`${file}, line ${line} is skipped: ${problem}`),
        onProgress: (tally, bytesRead) =>
          onProgress(progressText(`replaying ${file}`, bytesRead / (fileBytes * repeat), tally)),
      }),
  };
}

async function sizeOf(path: string): Promise<number> {
  let problem: string;
  try {
    // Not opened: what is written to a pipe can be read only once.
    await access(path, constants.R_OK);
    const stats = await stat(path);
    if (!stats.isDirectory()) return stats.size;
    problem = 'it is a folder';
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    problem = code === 'ENOENT' ? 'there is no such file' : message;
  }
  throw new UsageError(`FILE ${JSON.stringify(path)} cannot be read: ${problem}`);
}

function progressText(what: string, fraction: number, tally: Tally): string {
  return `${what}  ${progressBar(fraction)}  ${tally.traces} traces, ${totalEvents(tally)} events`;
}
