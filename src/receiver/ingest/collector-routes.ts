/**
 * The paths of an OpenTelemetry collector. Traces are stored as those of Langfuse's path are. SDKs that have
 * `OTEL_EXPORTER_OTLP_ENDPOINT` alone send metrics and logs as well: these are discarded.
 */

import { discardBody } from '../http/body.js';
import { type RouteContext, send } from '../http/requests.js';
import { postOtlpTraces } from './ingest-routes.js';
import { OTLP_JSON, otlpTypeOf } from './otlp/content-type.js';
import { partialSuccessProtobuf } from './otlp/partial-success.js';

export const COLLECTOR_PATHS = ['/v1/traces', '/v1/metrics', '/v1/logs'];

/** Reports dropped spans also without `--strict`, as OTLP's specification demands. */
export async function postCollectorTraces(context: RouteContext): Promise<void> {
  await postOtlpTraces(context, true);
}

export function postMetrics(context: RouteContext): void {
  discard(context, 'the local receiver stores no metrics: set OTEL_METRICS_EXPORTER=none');
}

export function postLogs(context: RouteContext): void {
  discard(context, 'the local receiver stores no logs: set OTEL_LOGS_EXPORTER=none');
}

/**
 * A success with a warning: an error would be logged by SDKs of most languages each time they export. The warnings for
 * traces, metrics and logs have the same fields on the wire.
 */
function discard({ request, response }: RouteContext, errorMessage: string): void {
  const type = otlpTypeOf(request);
  const body =
    type === OTLP_JSON
      ? JSON.stringify({ partialSuccess: { errorMessage } })
      : partialSuccessProtobuf({ rejectedSpans: 0, errorMessage });
  send(response, 200, type, body);
  discardBody(request);
}
