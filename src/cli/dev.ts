/** `tailrace dev`: the local receiver alone, until Ctrl-C. */
import { startReceiver } from '../receiver/receiver.js';
import type { DevOptions } from './arguments.js';
import { type Arrivals, watchArrivals } from './arrivals.js';
import { readPriceFile } from './files.js';
import { type Io, interrupted, printLine } from './io.js';
import { createPaint } from './terminal.js';

/** Resolves to the exit code; rejects if the receiver cannot start. */
export async function runDev(
  { port, dataDir, priceFile, strict, quiet }: DevOptions,
  io: Io,
): Promise<number> {
  const failures = createFailureReporter((line) => printLine(io.stderr, line));
  let arrivals: Arrivals | undefined;
  const receiver = await startReceiver({
    port,
    dataDir,
    prices: readPriceFile(priceFile),
    strict,
    onCommit(changes) {
      failures.ended();
      arrivals?.add(changes);
    },
    onFailure: (message) => failures.began(message),
    onWarning: (message) => printLine(io.stderr, `tailrace: ${message}`),
  });
  const paint = createPaint(io.stdout, io.env);
  const storage = dataDir === undefined ? 'in memory; --data DIR keeps it' : `kept in ${dataDir}`;
  const lines = [
    `${paint('bold', 'Traces')}  ${paint('cyan', receiver.url)}  ${paint('dim', `(${storage})`)}`,
    '',
    'To send an application’s traces here, start it with:',
    '',
    `  export LANGFUSE_BASE_URL=${receiver.url}`,
    '  export LANGFUSE_PUBLIC_KEY=pk-lf-local',
    '  export LANGFUSE_SECRET_KEY=sk-lf-local',
    '',
    'or, for any OpenTelemetry SDK:',
    '',
    `  export OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url}`,
    '  export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
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

/** Reports storage failures once, and the recovery once: clients retry many times. */
function createFailureReporter(print: (line: string) => void) {
  let isReported = false;
  return {
    began(message: string) {
      if (!isReported) print(`tailrace: received data cannot be stored, clients will retry: ${message}`);
      isReported = true;
    },
    ended() {
      if (isReported) print('tailrace: received data is stored again');
      isReported = false;
    },
  };
}
