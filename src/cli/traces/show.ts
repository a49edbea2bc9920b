/** `tailrace show`: a trace as a tree, or one observation in full. */
import type { ObservationDetail } from '../../viewer/data/details.js';
import type { TraceDetail } from '../../viewer/data/trace.js';
import { segmentOf } from '../../viewer/path-segments.js';
import { type Io, printLine } from '../io.js';
import { openServer, type ServerAccess } from '../server-access.js';
import { createPaint } from '../terminal.js';
import { safeJson } from './arrival-lines.js';
import { observationLines } from './observation-lines.js';
import { getData, RefusedError } from './server-stream.js';
import type { ShowOptions } from './trace-arguments.js';
import { treeLines } from './tree-lines.js';

/** Resolves to the exit code. */
export async function runShow({ access, trace, observation, json }: ShowOptions, io: Io): Promise<number> {
  const warn = (message: string) => printLine(io.stderr, `tailrace: ${message}`);
  const server = await openServer(access, io.env, { warn });
  try {
    const query = new URLSearchParams({ text: trace });
    const { id } = await getData<{ id: string }>(server, `/api/tailrace/find-trace?${query}`);
    if (json || io.stdout.isTTY !== true) {
      const data = await (observation === undefined
        ? traceData(server, id)
        : observationData(server, id, observation));
      printLine(io.stdout, safeJson(data, 2));
      return 0;
    }
    const paint = createPaint(io.stdout, io.env);
    const detail = await getData<TraceDetail>(server, `/api/tailrace/trace/${segmentOf(id)}`);
    const lines =
      observation === undefined
        ? treeLines(detail, paint, io.stdout.columns)
        : observationLines(detail, observation, await observationDetail(server, id, observation), paint);
    for (const line of lines) printLine(io.stdout, line);
    return 0;
  } finally {
    await server.close();
  }
}

/** As Langfuse's API answers, with marks on estimates. */
function traceData(server: ServerAccess, id: string): Promise<object> {
  return getData(server, `/api/public/traces/${encodeURIComponent(id)}?estimates=true`);
}

/** Ids of observations are unique within their trace only. */
async function observationData(server: ServerAccess, traceId: string, id: string): Promise<object> {
  const filter = JSON.stringify([{ type: 'string', column: 'id', operator: '=', value: id }]);
  const query = new URLSearchParams({ traceId, filter, estimates: 'true' });
  const { data } = await getData<{ data: object[] }>(server, `/api/public/observations?${query}`);
  const [found] = data;
  if (found === undefined) throw missing(traceId, id);
  return found;
}

async function observationDetail(
  server: ServerAccess,
  traceId: string,
  id: string,
): Promise<ObservationDetail> {
  const path = `/api/tailrace/trace/${segmentOf(traceId)}/observation/${segmentOf(id)}?all=true`;
  try {
    return await getData<ObservationDetail>(server, path);
  } catch (error) {
    throw error instanceof RefusedError && error.status === 404 ? missing(traceId, id) : error;
  }
}

function missing(traceId: string, id: string): Error {
  return new Error(`the trace ${traceId} has no observation ${JSON.stringify(id)}`);
}
