/** `tailrace export`: writes traces of a local server to a file or to standard output. */
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { printableName } from '../../shared/untrusted-text/printable.js';
import type { TraceList } from '../../viewer/data/list.js';
import type { ExportFormat, ExportSummary } from '../../viewer/data/transfer.js';
import { UsageError } from '../argument-values.js';
import { fileProblem } from '../files.js';
import { type Io, type Output, printLine } from '../io.js';
import { openServer, type ServerAccess } from '../server-access.js';
import { createProgressLine, progressBar } from '../terminal.js';
import { countsText, megabytes } from './figures.js';
import { getData, openStream } from './server-stream.js';
import type { ExportOptions } from './trace-arguments.js';

/** What is in the output once for each trace, for the progress bar. */
const MARKS: Record<ExportFormat, string> = {
  replay: '"type":"trace-create"',
  otlp: '\n',
  conversations: '\n',
};

/** Resolves to the exit code. */
export async function runExport(options: ExportOptions, io: Io): Promise<number> {
  const { access, format, filter, out } = options;
  const warn = (message: string) => printLine(io.stderr, `tailrace: ${message}`);
  const server = await openServer(access, io.env, { warn });
  try {
    const total = io.stderr.isTTY === true ? await countTraces(server, filter) : 0;
    const query = new URLSearchParams(filter);
    query.set('format', format);
    const response = await openStream(server, `/api/tailrace/export?${query}`, { signal: io.interrupt });
    await save(response, options, total, io);
    const summary = summaryOf(response);
    for (const name of summary.leftOut) warn(`left out: ${printableName(name, 300)}`);
    const more = summary.leftOutCount - summary.leftOut.length;
    if (more > 0) warn(`left out: ${more.toLocaleString('en')} more`);
    const where = out === undefined ? '' : ` to ${printableName(out)}`;
    printLine(io.stderr, `${countsText(summary)} exported${where}`);
    return 0;
  } finally {
    await server.close();
  }
}

async function countTraces(server: ServerAccess, filter: URLSearchParams): Promise<number> {
  const query = new URLSearchParams(filter);
  query.set('limit', '1');
  return (await getData<TraceList>(server, `/api/tailrace/traces?${query}`)).total ?? 0;
}

async function save(
  response: IncomingMessage,
  { format, out }: ExportOptions,
  total: number,
  io: Io,
): Promise<void> {
  const progress = createProgressLine(io.stderr, io.env);
  // On one terminal the bar would stand in the middle of the output.
  const isShown = out !== undefined || io.stdout.isTTY !== true;
  let [bytes, traces] = [0, 0];
  const target = out === undefined ? outputStream(io.stdout) : createWriteStream(out, { mode: 0o600 });
  try {
    await pipeline(
      response,
      async function* watched(chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          bytes += chunk.length;
          if (isShown && total > 0) {
            traces += countOf(chunk, MARKS[format]);
            const bar = progressBar(traces / total);
            progress.show(`exporting  ${bar}  ${megabytes(bytes)}`);
          }
          yield chunk;
        }
      },
      target,
    );
  } catch (error) {
    throw exportProblem(error, out, io);
  } finally {
    progress.clear();
  }
}

function exportProblem(error: unknown, out: string | undefined, io: Io): Error {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (out !== undefined && syscall === 'open') {
    return new UsageError(`--out ${JSON.stringify(out)} cannot be written: ${fileProblem(error)}`);
  }
  if (io.interrupt.aborted) return new Error('interrupted: the export is not whole');
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') {
    return new Error('the server has ended the export before its end: it is not whole');
  }
  return error as Error;
}

/** Writes as fast as the reader of the output takes it. */
function outputStream(output: Output): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      output.write(chunk, (error?: Error | null) => done(error));
    },
  });
}

function countOf(chunk: Buffer, mark: string): number {
  let count = 0;
  for (let at = chunk.indexOf(mark); at !== -1; at = chunk.indexOf(mark, at + mark.length)) count += 1;
  return count;
}

function summaryOf({ trailers }: IncomingMessage): ExportSummary {
  const text = trailers['x-tailrace-summary'];
  if (text === undefined) throw new Error('the end of the export is missing: it is not whole');
  return JSON.parse(decodeURIComponent(text)) as ExportSummary;
}
