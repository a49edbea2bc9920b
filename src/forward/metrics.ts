/** The metrics of a forwarder in Prometheus' text format, and the server that has them. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Lag } from './contract.js';
import type { Forwarder } from './forwarder.js';

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [value: number, labels?: Labels];

const PREFIX = 'tailrace_forward';

/** `lag`: as it was seen last. */
export function metricsText({ counts, held, isTroubled }: Forwarder, lag: Lag | undefined): string {
  const events = [...counts.lanes].flatMap(([lane, of]) =>
    (['delivered', 'refused', 'skipped'] as const).map((outcome): Sample => [of[outcome], { lane, outcome }]),
  );
  const streams = lag?.streams ?? [];
  return [
    metric('events_total', 'counter', 'Events that came to their end, by lane and outcome', events),
    metric('entries_total', 'counter', 'Entries that came to their end', [[counts.entries]]),
    metric('duplicates_total', 'counter', 'Entries dropped because their id was delivered lately', [
      [counts.duplicates],
    ]),
    metric('claimed_total', 'counter', 'Entries taken over from forwarders that are gone', [
      [counts.claimed],
    ]),
    metric('dead_letters_total', 'counter', 'Letters added to the stream of dead letters', [
      [counts.deadLetters],
    ]),
    metric('dead_letters_dropped_total', 'counter', 'Older dead letters that had to go for new ones', [
      [counts.deadLettersDropped],
    ]),
    metric('retries_total', 'counter', 'Attempts that failed for now', [[counts.retries]]),
    metric('held_entries', 'gauge', 'Entries that this forwarder has taken', [[held()]]),
    metric('source_up', 'gauge', 'Whether the source answers', [[isTroubled('source') ? 0 : 1]]),
    metric('target_up', 'gauge', 'Whether the target takes batches', [[isTroubled('target') ? 0 : 1]]),
    metric(
      'stream_entries',
      'gauge',
      'Entries in a stream, delivered ones left out',
      streams.map(({ name, entries }): Sample => [entries, { stream: name }]),
    ),
    metric(
      'stream_pending_entries',
      'gauge',
      'Entries of a stream that some forwarder has taken',
      streams.map(({ name, pending }): Sample => [pending, { stream: name }]),
    ),
    metric('dead_entries', 'gauge', 'Dead letters that are there', lag === undefined ? [] : [[lag.dead]]),
    metric(
      'oldest_pending_seconds',
      'gauge',
      'Age of the oldest entry that some forwarder has taken',
      lag === undefined ? [] : [[lag.oldestMs / 1000]],
    ),
  ].join('');
}

function metric(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(([value, labels]) => `${PREFIX}_${name}${labelsOf(labels)} ${value}\n`);
  return `# HELP ${PREFIX}_${name} ${help}\n# TYPE ${PREFIX}_${name} ${type}\n${lines.join('')}`;
}

function labelsOf(labels: Labels | undefined): string {
  if (labels === undefined) return '';
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`,
  );
  return `{${pairs.join(',')}}`;
}

export interface MetricsServer {
  readonly url: string;
  close(): void;
}

/** Rejects with a clear message if it cannot listen. */
export async function serveMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  text: () => string,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (path !== '/metrics' || !isRead) {
      response.writeHead(path === '/metrics' ? 405 : 404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text());
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code = 'no code' } = error as NodeJS.ErrnoException;
    throw new Error(
      code === 'EADDRINUSE'
        ? `port ${port} on ${host} is in use: choose another one with --metrics-port`
        : `the metrics cannot be served on ${host}:${port} (${code})`,
    );
  }
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
