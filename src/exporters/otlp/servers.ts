/** The servers of an otlp exporter: one, or several endpoints, with the lanes that their records go in. */
import { createHash } from 'node:crypto';
import type {
  ExportEndpoint,
  ExporterContext,
  ExportOutcome,
  ExportResponse,
  TlsIdentity,
} from '../../shared/contract/exporter.js';
import type { OtlpServer, OtlpServers } from '../../shared/contract/otlp-options.js';
import { sentWith } from '../../shared/untrusted-text/sent-headers.js';
import { VERSION } from '../../shared/version.js';
import { lowerCaseNames, readTlsIdentity } from '../connection-options.js';
import { keptIfMisconfigured, outcomeOfCollector } from './answers.js';
import { createBalance } from './balance.js';

export const SPANS = 'spans';

/** As OpenTelemetry's protocol/exporter.md asks: "the exporter, the language of its implementation, and the version". */
const USER_AGENT = { 'user-agent': `tailrace-otlp-exporter-javascript/${VERSION}` };

/** A server as requests need it. */
export interface Server extends ExportEndpoint {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsIdentity | undefined;
  readonly secrets: readonly string[];
}

export interface Endpoints {
  /** For requests: the one server. Of several the first, without headers, as each has its own. */
  readonly server: Server;
  /** All lanes of spans. */
  readonly lanes: readonly string[];
  /** The lane of a span. `traceIdAt`: where the 16 bytes of its trace's id are in `bytes`. */
  laneOf(bytes: Uint8Array, traceIdAt: number): string;
  /** For `Exporter.endpoints`. Undefined: the lane has one place. */
  readonly endpoints: (lane: string) => readonly ExportEndpoint[] | undefined;
  outcome(
    response: ExportResponse,
    endpoint: ExportEndpoint | undefined,
    bodies: readonly Uint8Array[],
  ): ExportOutcome;
  /** Says in a spool where its spans go, and whose they are, without their credentials. */
  readonly identity: string;
}

export function readServer(
  { url, headers, secrets = [], tls }: OtlpServer,
  context: ExporterContext,
): Server {
  return {
    url,
    headers: { ...USER_AGENT, ...lowerCaseNames(headers) },
    tls: tls && readTlsIdentity(tls, context),
    secrets,
  };
}

export function createEndpoints(given: OtlpServers, context: ExporterContext): Endpoints {
  const { others = [], balance = 'failover' } = given;
  const first = readServer(given, context);
  const servers = [first, ...others.map((one) => readServer(one, context))];
  const hasSeveral = servers.length > 1;
  const choose = hasSeveral && balance === 'trace' ? createBalance(servers.map(({ url }) => url)) : undefined;
  const lanes = choose === undefined ? [SPANS] : lanesByTrace(servers.length);
  const byLane = hasSeveral ? endpointsByLane(lanes, servers) : undefined;
  const secrets = servers.flatMap((server) => server.secrets);
  return {
    server: hasSeveral ? { ...first, headers: {}, tls: undefined } : first,
    lanes: lanes.filter((lane) => lane !== ''),
    laneOf: choose === undefined ? () => SPANS : (bytes, at) => lanes[choose(bytes, at)] as string,
    endpoints: (lane) => byLane?.get(lane),
    outcome(response, endpoint, bodies) {
      const { host } = new URL((endpoint ?? first).url);
      const outcome = outcomeOfCollector(
        host,
        response,
        context.warning,
        sentWith(response, { secrets, bodies }),
      );
      return hasSeveral ? keptIfMisconfigured(response.status, outcome) : outcome;
    },
    identity: identityOf(given, others, balance),
  };
}

/** By `first * count + second`. The text is shown in messages, and is on disk: see `identityOf`. */
function lanesByTrace(count: number): string[] {
  return Array.from({ length: count * count }, (_, index) => {
    const first = Math.floor(index / count);
    const second = index % count;
    return first === second ? '' : `${SPANS} for endpoint ${first + 1}, else ${second + 1}`;
  });
}

/** The first two by the lane, then the others in the order of the list, from the first one on. */
function endpointsByLane(
  lanes: readonly string[],
  servers: readonly Server[],
): Map<string, readonly ExportEndpoint[]> {
  const count = servers.length;
  return new Map(
    lanes.map((lane, index) => {
      if (lane === SPANS) return [lane, servers];
      const first = Math.floor(index / count);
      const second = index % count;
      const rest = Array.from({ length: count }, (_, i) => (first + i) % count);
      const order = [first, second, ...rest.filter((i) => i !== first && i !== second)];
      return [lane, order.map((i) => servers[i] as Server)];
    }),
  );
}

/**
 * The headers say whose spans they are: the spool of one application must not be sent with another's headers. The order of several
 * endpoints counts, as lanes number them.
 */
function identityOf(
  { url, headers = {} }: OtlpServer,
  others: readonly OtlpServer[],
  balance: string,
): string {
  if (others.length === 0) return `${url} ${sha256(JSON.stringify(headers))}`;
  const urls = [url, ...others.map((one) => one.url)];
  const whose = sha256(JSON.stringify([headers, ...others.map((one) => one.headers ?? {})]));
  return `${balance} ${urls.join(' ')} ${whose}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
