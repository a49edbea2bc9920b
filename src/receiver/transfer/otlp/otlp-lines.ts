/**
 * An export as OTLP JSON: one `ExportTraceServiceRequest` a line, as the file exporter of the collector writes them. Attributes
 * are those that a Langfuse server reads. OTLP has no scores, comments and media: they are named as left out.
 */

import { VERSION } from '../../../shared/version.js';
import type { PageFilter } from '../../store/contract/page.js';
import type { ExportedTrace, ExportReader } from '../../store/contract/transfer.js';
import { eachOf } from '../export/each-of.js';
import type { ExportTally } from '../export/tally.js';
import { observationSpan, type TraceFields, traceFields, traceSpan } from './otlp-spans.js';

/** A request ends here. Receivers of OTLP take 4 MiB at least. */
const MAX_LINE_CHARS = 3 * 1024 * 1024;

/**
 * A Langfuse server copies no attributes of spans of this scope into metadata. The collector's format has resource and scope
 * around each list of spans.
 */
const HEAD = `{"resourceSpans":[{"resource":{"attributes":[{"key":"telemetry.sdk.name","value":{"stringValue":"tailrace"}}]},"scopeSpans":[{"scope":{"name":"langfuse-sdk","version":"${VERSION}"},"spans":[`;
const TAIL = ']}]}]}\n';

export async function* otlpLines(
  rows: ExportReader,
  filter: PageFilter,
  tally: ExportTally,
): AsyncGenerator<string, void, undefined> {
  for await (const row of eachOf(rows.traces(filter))) {
    const { id } = row;
    const trace = traceFields(row);
    if (trace.hexId !== id)
      tally.leaveOut(`the id of trace ${id}, which is none of OTLP: it becomes ${trace.hexId}`);
    yield* requests(spansOf(trace, row, rows, tally));
    for (const { name } of await rows.scores(id)) tally.leaveOut(`score ${name} of trace ${id}`);
    for await (const comment of eachOf(rows.comments(id))) {
      tally.leaveOut(`comment ${comment.id} of trace ${id}`);
    }
    for (const media of await rows.media(id)) tally.leaveOut(`media ${media.id} of trace ${id}`);
    tally.traces += 1;
  }
}

async function* spansOf(trace: TraceFields, row: ExportedTrace, rows: ExportReader, tally: ExportTally) {
  if (trace.carrierId === null) yield traceSpan(trace, row);
  for await (const observation of eachOf(rows.observations(row.id))) {
    yield observationSpan(trace, observation, observation.id === trace.carrierId ? row : undefined);
    tally.observations += 1;
  }
}

async function* requests(spans: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let chars = 0;
  for await (const span of spans) {
    const isFull = chars > 0 && chars + span.length > MAX_LINE_CHARS;
    if (isFull) chars = 0;
    yield `${isFull ? TAIL : ''}${chars === 0 ? HEAD : ','}${span}`;
    chars += span.length;
  }
  if (chars > 0) yield TAIL;
}
