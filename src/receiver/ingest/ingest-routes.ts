/** The two ingest routes: OTLP traces and classic ingestion. A request is answered after its changes are committed. */

import { MAX_VALUES, tooMany } from '../../ingest/bounds.js';
import { readIngestion } from '../../ingest/classic/ingestion.js';
import type { Finding } from '../../ingest/findings.js';
import { countJsonValues } from '../../ingest/json-text.js';
import { decodeOtlpJson } from '../../ingest/otlp/json-decoder.js';
import { InvalidId, OtlpError, type OtlpSpan } from '../../ingest/otlp/otlp-span.js';
import { decodeOtlpProtobuf } from '../../ingest/otlp/protobuf-decoder.js';
import { ProtobufError } from '../../ingest/otlp/protobuf-reader.js';
import { mapSpans } from '../../ingest/otlp/span-mapping.js';
import { type BodyLimits, oneAtATime, parseJson, readBody, requireContentType } from '../http/body.js';
import { HttpError, type RouteContext, send, sendJson } from '../http/requests.js';
import { inSlices } from '../slices.js';
import { OTLP_JSON, OTLP_PROTOBUF } from './otlp/content-type.js';
import { partialSuccessJson, partialSuccessOf, partialSuccessProtobuf } from './otlp/partial-success.js';

const MEBIBYTE = 1024 * 1024;

/** The OTLP specification allows clients to send at most 64 MiB. */
const OTLP_LIMITS: BodyLimits = { maxWireBytes: 8 * MEBIBYTE, maxBytes: 64 * MEBIBYTE, gzip: true };

/**
 * The limits of Langfuse's own server. Its body parser, that of Next.js (server/api-utils/node/
 * parse-body.ts), does not decompress.
 */
const INGESTION_LIMITS: BodyLimits = {
  maxWireBytes: 4.5 * MEBIBYTE,
  maxBytes: 4.5 * MEBIBYTE,
  gzip: false,
};

/** `reportsDropped`: the answer counts dropped spans also if the receiver is not strict. */
export async function postOtlpTraces(context: RouteContext, reportsDropped = false): Promise<void> {
  const { store, request, response, isStrict } = context;
  const contentType = await orComplain(context, async () =>
    requireContentType(request, [OTLP_PROTOBUF, OTLP_JSON]),
  );
  const body = await orComplain(context, () => readBody(request, OTLP_LIMITS));
  const partial = await oneAtATime(body.length, async () => {
    const spans = await orComplain(context, () => decodeOtlp(contentType, body));
    const { changes, dropped } = await inSlices(mapSpans(spans));
    // The store writes the findings as well; the response reports them in any case.
    await store.write(changes);
    // An ExportTraceServiceResponse without a partial success is an empty message.
    const isReported = isStrict || (reportsDropped && dropped > 0);
    return isReported ? partialSuccessOf(changes.findings, dropped) : undefined;
  });
  if (contentType === OTLP_JSON) sendJson(response, 200, partialSuccessJson(partial));
  else send(response, 200, OTLP_PROTOBUF, partialSuccessProtobuf(partial));
}

export async function postIngestion(context: RouteContext): Promise<void> {
  const { store, request, response, isStrict, access } = context;
  const body = await orComplain(context, () => {
    requireContentType(request, ['application/json']);
    return readBody(request, INGESTION_LIMITS);
  });
  const answer = await oneAtATime(body.length, async () => {
    const { changes, answer } = await orComplain(context, async () =>
      inSlices(readIngestion(await parseBody(body), isStrict, access)),
    );
    await store.write(changes);
    return answer;
  });
  sendJson(response, 207, answer);
}

/** A request that is refused as a whole is recorded as a complaint. */
async function orComplain<T>({ store, url }: RouteContext, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    // 429: the client tries again, so nothing is lost.
    if (error instanceof HttpError && error.status !== 429) {
      const finding = findingOf(error, url.pathname);
      await store.write({ traces: [], observations: [], scores: [], findings: [finding] });
    }
    throw error;
  }
}

/** Without the error's message: that of a parser may contain a piece of the body. */
function findingOf({ status, cause }: HttpError, path: string): Finding {
  const nobody = { traceId: null, observationId: null };
  if (cause instanceof InvalidId) {
    const message = `${cause.field} must be ${cause.rule}: the whole request is refused`;
    return { code: 'invalid-id', ...nobody, field: cause.field, message };
  }
  return { code: 'request-refused', ...nobody, field: path, message: `${path} ${reasonOf(status)}` };
}

function reasonOf(status: number): string {
  if (status === 413) return 'must have a smaller body: the request is refused';
  if (status === 415) return 'must have a body of another type or encoding: the request is refused';
  return 'must have a body that can be read: the request is refused';
}

async function decodeOtlp(contentType: string, body: Buffer): Promise<OtlpSpan[]> {
  try {
    return await inSlices(
      contentType === OTLP_JSON ? decodeOtlpJson(await parseBody(body)) : decodeOtlpProtobuf(body),
    );
  } catch (error) {
    if (error instanceof ProtobufError)
      throw new HttpError(400, `the body is not an OTLP trace request: ${error.message}`);
    if (error instanceof OtlpError) throw new HttpError(400, error.message, {}, error);
    throw error;
  }
}

/** JSON.parse cannot be interrupted: bodies with too many values are refused first. */
async function parseBody(body: Buffer): Promise<unknown> {
  if ((await inSlices(countJsonValues(body, MAX_VALUES))) > MAX_VALUES) throw tooMany('values', MAX_VALUES);
  return parseJson(body);
}
