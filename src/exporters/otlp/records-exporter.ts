/**
 * The built-in exporter for the records of a client to collectors: observations and traces as OTLP spans with Langfuse's attributes.
 * OTLP has no form for scores, nor for updates of a trace beside its spans: they go to a Langfuse server, if one is given.
 */
import { readTraceIdAt } from '../../records/observation.js';
import { createRevisionsWithoutServer } from '../../revision/revisions.js';
import type { EncodedRecord, ExporterContext, HttpExporter } from '../../shared/contract/exporter.js';
import type { OtlpRecordsOptions } from '../../shared/contract/otlp-options.js';
import { mayHoldMedia } from '../encoding/media-search.js';
import { createLangfuseEncoding } from '../langfuse/encoding.js';
import { createLangfuseRequests, langfuseServer } from '../langfuse/requests.js';
import { createEndpoints, SPANS } from './servers.js';

export async function createExporter(options: unknown, context: ExporterContext): Promise<HttpExporter> {
  const given = options as OtlpRecordsOptions;
  const { otlp, langfuse, sdkVersion } = given;
  const revisions = await createRevisionsWithoutServer(given, context, mayHoldMedia);
  const { encoding, ...bodies } = createLangfuseEncoding(
    { ...given, protocol: 'otel', publicKey: langfuse?.publicKey, resource: otlp.resource },
    revisions,
    context,
  );
  const { server, lanes, laneOf, endpoints, outcome, identity } = createEndpoints(otlp, context);
  const { url, headers, tls } = server;
  const ofSpans = new Set(lanes);
  /** The lane by which the encoding knows it. */
  const kindOf = (lane: string): string => (ofSpans.has(lane) ? SPANS : lane);
  const others =
    langfuse && createLangfuseRequests(langfuseServer({ ...langfuse, sdkVersion }), bodies, context);

  const inLane = (event: Buffer, record: EncodedRecord): EncodedRecord =>
    lanes.length === 1 || record.lane !== SPANS
      ? record
      : { ...record, lane: laneOf(event, readTraceIdAt(event)) };

  return {
    encodeBytes: (event) => inLane(event, encoding.encodeBytes(event)),

    encodeWithheld: (event) => inLane(event, encoding.encodeWithheld?.(event) as EncodedRecord),

    bodyBytes: (lane, count, recordBytes) => encoding.bodyBytes(kindOf(lane), count, recordBytes),

    ...(encoding.maxBodyBytes && { maxBodyBytes: encoding.maxBodyBytes }),

    spoolIdentity: `otlp-records/1 ${identity}${langfuse === undefined ? '' : ` ${langfuse.baseUrl} ${langfuse.publicKey}`}`,

    request(lane, records) {
      if (!ofSpans.has(lane) && others !== undefined) return others.request(lane, records);
      const { contentType, body } = bodies.bodyOf(SPANS, records);
      return { url, headers: { ...headers, 'content-type': contentType }, body, ...(tls && { tls }) };
    },

    endpoints,

    refusal: (lane) => (ofSpans.has(lane) || others !== undefined ? undefined : NO_PLACE),

    outcome(lane, records, response, endpoint) {
      if (!ofSpans.has(lane) && others !== undefined) return others.outcome(lane, records, response);
      return outcome(
        response,
        endpoint,
        records.map(({ bytes }) => bytes),
      );
    },

    recycle: (lane, records) => encoding.recycle?.(kindOf(lane), records),
  };
}

const NO_PLACE =
  "OTLP has no form for them; the option otlp: { scores: 'langfuse' } sends them to a Langfuse server";
