/** The source of a demo's traces: the sample agent, or the conversations of a file. */
import { access, constants, stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import type { Tailrace } from '../../index.js';
import { type DemoOptions, UsageError } from '../arguments.js';
import { fileProblem } from '../files.js';
import { replayFile } from '../replay/replay.js';
import { runSampleAgent } from '../sample/agent.js';
import { CONVERSATIONS } from '../sample/conversations.js';
import { progressBar } from '../terminal.js';
import { type Tally, totalEvents } from './tally.js';
import { watchTracing } from './watch-tracing.js';

export interface Source {
  /** Names the source in the first line of the summary. */
  readonly subject: string;
  /** Whether it can run again: a pipe can be read only once. */
  readonly isRepeatable: boolean;
  /** `repeat` overrides the command line's number of repetitions. */
  run(client: Tailrace, watch: Watch, repeat?: number): Promise<Run>;
}

interface Progress {
  readonly events: number;
  readonly tracingMs: number;
}

interface Watch {
  readonly signal: AbortSignal;
  onProgress(text: string, progress: Progress): void;
  onProblem(message: string): void;
}

export interface Run {
  readonly tally: Tally;
  readonly skipped: number;
  /** Time of the tracing calls on the application's thread. */
  readonly tracingMs: number;
}

/** Rejects with a UsageError if the file cannot be read. */
export async function openSource({ file, repeat }: DemoOptions): Promise<Source> {
  return file === undefined ? sampleSource(repeat) : replaySource(file, await inspectFile(file), repeat);
}

/** Only the tracing calls are timed. */
function sampleSource(times: number): Source {
  return {
    subject: 'The sample agent',
    isRepeatable: true,
    async run(client, { signal, onProgress }, repeat = times) {
      const total = repeat * CONVERSATIONS.length;
      const watch = watchTracing(client);
      const { tally } = watch;
      for (let round = 0; round < repeat && !signal.aborted; round++) {
        await client.ready();
        runSampleAgent(client);
        onProgress(progressText('the sample agent works', tally.traces / total, tally), {
          events: totalEvents(tally),
          tracingMs: watch.tracingMs,
        });
      }
      return { tally, skipped: 0, tracingMs: watch.tracingMs };
    },
  };
}

function replaySource(path: string, { size, isFile }: FileInfo, times: number): Source {
  const file = basename(path);
  return {
    subject: `Replay of ${file}${times === 1 ? '' : `, ${times} times`}`,
    isRepeatable: isFile,
    run: (client, { signal, onProgress, onProblem }, repeat = times) =>
      replayFile(client, path, {
        name: basename(path, extname(path)),
        repeat,
        signal,
        onSkippedLine: (line, problem) => onProblem(`${file}, line ${line} is skipped: ${problem}`),
        onProgress: (tally, bytesRead, tracingMs) =>
          onProgress(progressText(`replaying ${file}`, bytesRead / (size * repeat), tally), {
            events: totalEvents(tally),
            tracingMs,
          }),
      }),
  };
}

interface FileInfo {
  readonly size: number;
  readonly isFile: boolean;
}

async function inspectFile(path: string): Promise<FileInfo> {
  let problem: string;
  try {
    // Not opened: a pipe can be read only once.
    await access(path, constants.R_OK);
    const stats = await stat(path);
    if (!stats.isDirectory()) return { size: stats.size, isFile: stats.isFile() };
    problem = 'it is a folder';
  } catch (error) {
    problem = fileProblem(error);
  }
  throw new UsageError(`FILE ${JSON.stringify(path)} cannot be read: ${problem}`);
}

function progressText(what: string, fraction: number, tally: Tally): string {
  return `${what}  ${progressBar(fraction)}  ${tally.traces} traces, ${totalEvents(tally)} events`;
}
