/** A collector as a target: it takes spans. Scores and updates of traces have no place there, and go where the options say. */
import type { HttpRequest, Transport } from '../../consumer/transport/transport.js';
import { keptIfMisconfigured, outcomeOfCollector } from '../../exporters/otlp/answers.js';
import type { ExportOutcome, ExportResponse, TlsIdentity } from '../../shared/contract/exporter.js';
import { sentWith } from '../../shared/untrusted-text/sent-headers.js';
import { VERSION } from '../../shared/version.js';
import { partOf, SPANS, TRACE_UPDATES, textOfBody } from '../body.js';
import type { Target } from '../contract.js';

export interface Collector {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly tls: TlsIdentity | undefined;
}

/** Where scores go: to a Langfuse server, among the dead letters, or nowhere. */
export type OtherLanes = Target | 'dead' | 'drop';

export function createOtlpTarget(
  { url, headers, secrets, tls }: Collector,
  others: OtherLanes,
  http: Transport<HttpRequest>,
  warning: (topic: string, text: string) => void,
): Target {
  const { host } = new URL(url);
  const hasOther = typeof others === 'object';

  return {
    url,

    async deliver(batch, signal): Promise<ExportOutcome> {
      if (batch.lane !== SPANS) {
        if (hasOther) return others.deliver(batch, signal);
        return {
          kind: 'failure',
          reason: `a collector has no place for ${batch.lane}: give --scores langfuse, or --scores drop`,
        };
      }
      const request: HttpRequest = {
        method: 'POST',
        url,
        headers: {
          'user-agent': `tailrace-forward/${VERSION}`,
          ...headers,
          'content-type': batch.contentType,
          ...(batch.encoding === 'gzip' && { 'content-encoding': 'gzip' }),
        },
        body: [batch.body],
        tls,
      };
      const read = (response: ExportResponse): ExportOutcome =>
        keptIfMisconfigured(
          response.status,
          outcomeOfCollector(
            host,
            response,
            warning,
            sentWith(response, { secrets, bodies: [textOfBody(batch)] }),
          ),
        );
      return http.send(request, read, signal);
    },

    // What an update says of a trace, its spans say as well.
    skips: (lane) => lane !== SPANS && !hasOther && (others === 'drop' || lane === TRACE_UPDATES),

    part: partOf,

    async close() {
      await http.close();
      if (hasOther) await others.close();
    },
  };
}
