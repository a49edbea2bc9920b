/** What `tailrace dev` prints at its start: the page, where the data is, and the variables to copy. */
import { hostname } from 'node:os';
import { isLoopback } from '../receiver/http/access.js';
import type { Receiver, ReceiverOptions } from '../receiver/receiver.js';
import type { DevOptions } from './arguments.js';
import type { Paint } from './terminal.js';

export function greeting(
  { url, port }: Pick<Receiver, 'url' | 'port'>,
  { host = '127.0.0.1', dataDir, maxMib, retentionMs, store }: DevOptions,
  keys: ReceiverOptions['keys'],
  paint: Paint,
): string[] {
  // The address may have a password: only its host is shown.
  const bounds =
    store !== undefined
      ? 'shared with all who write there'
      : `at most ${maxMib.toLocaleString('en')} MiB${retentionMs === undefined ? '' : `, ${timeText(retentionMs)}`}`;
  const kept = dataDir === undefined ? 'in memory, gone at the end' : `kept in ${dataDir}`;
  const place = store === undefined ? kept : `kept in ClickHouse at ${new URL(store).host}`;
  const isOpen = !isLoopback(host);
  const baseUrl = isOpen ? `http://${reachableHost(host)}:${port}` : url;
  return [
    `${paint('bold', 'Traces')}  ${paint('cyan', url)}  ${paint('dim', `(${place}; ${bounds})`)}`,
    '',
    ...(keys === undefined ? [] : [keyLine(isOpen), '']),
    'To send an application’s traces here, start it with:',
    '',
    `  export LANGFUSE_BASE_URL=${baseUrl}`,
    `  export LANGFUSE_PUBLIC_KEY=${keys?.publicKey ?? 'pk-lf-local'}`,
    `  export LANGFUSE_SECRET_KEY=${keys === undefined ? 'sk-lf-local' : '…'}`,
    '',
    'or, for any OpenTelemetry SDK:',
    '',
    `  export OTEL_EXPORTER_OTLP_ENDPOINT=${baseUrl}`,
    '  export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    ...(keys === undefined ? [] : ['  export OTEL_EXPORTER_OTLP_HEADERS=Authorization=Basic%20…']),
    '',
    paint('dim', 'Ctrl-C ends the receiver.'),
  ];
}

/** The secret key is never printed. */
function keyLine(isOpen: boolean): string {
  const who = isOpen ? 'Other machines can connect. ' : '';
  return `${who}Each request needs the keys; the page asks for them as user and password.`;
}

const UNITS: readonly [ms: number, name: string][] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
];

/** The largest unit that divides the time. */
function timeText(ms: number): string {
  const [unitMs, name] = UNITS.find(([unit]) => ms % unit === 0) ?? [60_000, 'minute'];
  const count = ms / unitMs;
  return `for ${count.toLocaleString('en')} ${name}${count === 1 ? '' : 's'}`;
}

/** For an address that means all addresses: the name of this machine. */
function reachableHost(host: string): string {
  if (['0.0.0.0', '::', '[::]'].includes(host)) return hostname();
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
