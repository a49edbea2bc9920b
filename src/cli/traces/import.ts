/** `tailrace import`: sends files to a local server, which reads them by their content. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { printableName } from '../../shared/untrusted-text/printable.js';
import type { ImportSummary } from '../../viewer/data/transfer.js';
import { UsageError } from '../argument-values.js';
import { fileProblem } from '../files.js';
import { type Io, printLine } from '../io.js';
import { openServer, type ServerAccess } from '../server-access.js';
import { createPaint, createProgressLine, type ProgressLine, progressBar } from '../terminal.js';
import { countsText, megabytes } from './figures.js';
import { openStream, textOf } from './server-stream.js';
import type { ImportOptions } from './trace-arguments.js';

const STANDARD_INPUT = '-';
const READ_BYTES = 256 * 1024;

/** Resolves to the exit code: 1 if something was refused. */
export async function runImport({ access, files }: ImportOptions, io: Io): Promise<number> {
  const warn = (message: string) => printLine(io.stderr, `tailrace: ${message}`);
  // All are looked at first: a mistyped name is found before the first file has been sent.
  const sources: Source[] = [];
  for (const file of files) sources.push(await sourceOf(file, io));
  const server = await openServer(access, io.env, { warn, create: true });
  let refused = 0;
  try {
    for (const source of sources) {
      const summary = await send(server, source, io);
      report(source, summary, server, io);
      refused += summary.refusedCount;
    }
  } finally {
    await server.close();
  }
  return refused > 0 ? 1 : 0;
}

interface Source {
  readonly name: string;
  /** Undefined: not known before its end. */
  readonly bytes: number | undefined;
  open(): Readable;
}

async function sourceOf(file: string, io: Io): Promise<Source> {
  if (file === STANDARD_INPUT) {
    return {
      name: 'standard input',
      bytes: undefined,
      open: () => Readable.from(io.stdin ?? [], { objectMode: false }),
    };
  }
  try {
    const stats = await stat(file);
    if (stats.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    const bytes = stats.isFile() ? stats.size : undefined;
    return { name: file, bytes, open: () => createReadStream(file, { highWaterMark: READ_BYTES }) };
  } catch (error) {
    throw new UsageError(`FILE ${JSON.stringify(file)} cannot be read: ${fileProblem(error)}`);
  }
}

async function send(server: ServerAccess, source: Source, io: Io): Promise<ImportSummary> {
  const progress = createProgressLine(io.stderr, io.env);
  const file = source.open();
  const counted = countingBytes(source, progress);
  let problem: Error | undefined;
  file.on('error', (error) => {
    problem = error;
    counted.destroy(error);
  });
  try {
    const response = await openStream(server, '/api/tailrace/import', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: file.pipe(counted),
      signal: io.interrupt,
    });
    return JSON.parse(await textOf(response)) as ImportSummary;
  } catch (error) {
    if (problem !== undefined) throw new Error(`${source.name} cannot be read: ${fileProblem(problem)}`);
    if (io.interrupt.aborted) throw new Error(`interrupted: a part of ${source.name} is imported`);
    throw error;
  } finally {
    progress.clear();
    file.destroy();
  }
}

function countingBytes({ name, bytes }: Source, progress: ProgressLine): Transform {
  let sent = 0;
  const shown = printableName(name);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sent += chunk.length;
      const share = bytes === undefined || bytes === 0 ? '' : `  ${progressBar(sent / bytes)}`;
      progress.show(`importing ${shown}${share}  ${megabytes(sent)}`);
      done(null, chunk);
    },
  });
}

function report({ name }: Source, summary: ImportSummary, { place }: ServerAccess, io: Io): void {
  const { refused, refusedCount } = summary;
  const shown = printableName(name);
  for (const { line, problem } of refused) {
    printLine(io.stderr, `tailrace: ${shown}, line ${line}: ${printableName(problem, 500)}`);
  }
  if (refusedCount > refused.length) {
    printLine(io.stderr, `tailrace: ${shown}: ${refusedCount - refused.length} more problems`);
  }
  const paint = createPaint(io.stdout, io.env);
  const refusals = refusedCount === 0 ? '' : `, ${paint('red', `${refusedCount} refused`)}`;
  printLine(io.stdout, `${shown}: ${countsText(summary)} stored in ${place}${refusals}`);
}
