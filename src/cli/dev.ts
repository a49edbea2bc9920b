/** `tailrace dev`: the local receiver alone, until Ctrl-C. */
import { startReceiver } from '../receiver/receiver.js';
import type { DevOptions } from './arguments.js';
import { type Arrivals, watchArrivals } from './arrivals.js';
import { readPriceFile } from './files.js';
import { type Io, interrupted, printLine } from './io.js';
import { createPaint } from './terminal.js';

/** Resolves to the exit code; rejects when the receiver cannot start. */
export async function runDev(
  { port, dataDir, priceFile, strict, quiet }: DevOptions,
  io: Io,
): Promise<number> {
  const trouble = createTrouble((line) => printLine(io.stderr, line));
  let arrivals: Arrivals | undefined;
  const receiver = await startReceiver({
    port,
    dataDir,
    prices: readPriceFile(priceFile),
    strict,
    onCommit(changes) {
      trouble.ends();
      arrivals?.add(changes);
    },
    onFailure: (message) => trouble.begins(message),
    onWarning: (message) => printLine(io.stderr, `tailrace: ${message}`),
  });
  const paint = createPaint(io.stdout, io.env);
  const place = dataDir === undefined ? 'in memory; --data DIR keeps it' : `kept in ${dataDir}`;
  const lines = [
    `${paint('bold', 'Traces')}  ${paint('cyan', receiver.url)}  ${paint('dim', `(${place})`)}`,
    '',
    'To send an application’s traces here, start it with:',
    '',
    `  export LANGFUSE_BASE_URL=${receiver.url}`,
    '  export LANGFUSE_PUBLIC_KEY=pk-lf-local',
    '  export LANGFUSE_SECRET_KEY=sk-lf-local',
    '',
    paint('dim', 'Ctrl-C ends the receiver.'),
  ];
  for (const line of lines) printLine(io.stdout, line);
  if (!quiet) arrivals = watchArrivals(receiver.url, (line) => printLine(io.stdout, line));
  await interrupted(io);
  await receiver.close();
  arrivals?.close();
  return 0;
}

/** Says once that nothing can be stored, and once that it can again: clients try many times. */
function createTrouble(say: (line: string) => void) {
  let isTold = false;
  return {
    begins(message: string) {
      if (!isTold) say(`tailrace: what arrives cannot be stored, and clients try again: ${message}`);
      isTold = true;
    },
    ends() {
      if (isTold) say('tailrace: what arrives is stored again');
      isTold = false;
    },
  };
}
