/** The first page: the list of traces, newest first, or how to send the first one. */

import { complaintBadge, complaintList } from './complaints.js';
import { dollars, howOfSum, tokens } from './estimate.js';
import { count, duration, plural, scoreValue, size, time } from './format.js';
import { type Html, html } from './html.js';
import { layout } from './layout.js';
import type { ComplaintView, TraceSummary } from './views.js';

interface TracesPage {
  traces: TraceSummary[];
  totalItems: number;
  page: number;
  limit: number;
  /** The receiver's URL for clients on this machine. */
  baseUrl: string;
  /** Complaints that belong to no stored trace, and their total. */
  strayComplaints: ComplaintView[];
  strayTotal: number;
  /** Of the database. */
  size: { usedBytes: number; maxBytes: number | undefined; evictedTraces: number };
}

export function tracesPage(content: TracesPage): string {
  const { traces, totalItems, page, limit, baseUrl } = content;
  if (totalItems === 0)
    return layout('Traces', html`${emptyState(baseUrl)}${strays(content)}${sizeLine(content)}`);
  const first = (page - 1) * limit + 1;
  const caption =
    traces.length === 0
      ? 'No traces on this page'
      : `${count(first)}–${count(first + traces.length - 1)} of ${plural(totalItems, 'trace')}`;
  return layout(
    'Traces',
    html`<h1>Traces</h1>
<div class="scroll" role="region" aria-label="Traces" tabindex="0"><table class="traces">
<caption>${caption}, newest first</caption>
<thead><tr>
<th scope="col">Name</th><th scope="col">Time</th><th scope="col" class="number">Duration</th>
<th scope="col" class="number minor">Observations</th><th scope="col" class="number minor">Tokens</th>
<th scope="col" class="number minor">Cost</th><th scope="col">Scores</th><th scope="col" class="number">Errors</th>
</tr></thead>
<tbody>
${traces.map(traceRow)}
</tbody>
</table></div>
${pageLinks(content)}
${strays(content)}
${sizeLine(content)}`,
  );
}

function sizeLine({ size: { usedBytes, maxBytes, evictedTraces } }: TracesPage): Html {
  const bound = maxBytes === undefined ? '' : ` of at most ${size(maxBytes)}`;
  const evicted =
    evictedTraces === 0
      ? ''
      : ` ${plural(evictedTraces, 'older trace')} ${evictedTraces === 1 ? 'was' : 'were'} evicted.`;
  return html`<p class="muted">The database holds ${size(usedBytes)}${bound}.${evicted}</p>`;
}

function strays({ strayComplaints, strayTotal }: TracesPage): Html | null {
  const heading = 'Complaints that belong to no stored trace';
  return complaintList({ heading, complaints: strayComplaints, total: strayTotal, names: new Map() });
}

function traceRow(trace: TraceSummary): Html {
  return html`<tr>
<th scope="row"><a href="/trace/${encodeURIComponent(trace.id)}">${trace.name || 'unnamed trace'}</a>${complaintBadge(trace.complaintCount)}${context(trace)}</th>
<td>${time(trace.startUs)}</td>
<td class="number">${duration(trace.durationUs)}</td>
<td class="number minor">${count(trace.observationCount)}</td>
<td class="number minor">${tokens(trace.totalTokens, howOfSum(trace.hasEstimatedTokens))}</td>
<td class="number minor">${dollars(trace.totalCost, howOfSum(trace.hasEstimatedCost))}</td>
<td>${scoreChips(trace.scores)}</td>
${errorCell(trace.errorCount)}
</tr>
`;
}

function errorCell(errors: number): Html {
  if (errors === 0) return html`<td class="number none">0</td>`;
  return html`<td class="number"><span class="bad">${count(errors)}</span></td>`;
}

function context({ userId, sessionId, environment, tags }: TraceSummary): Html | null {
  const parts = [userId, sessionId, environment === 'default' ? null : environment, ...tags].filter(
    (part) => part,
  );
  return parts.length === 0 ? null : html`<span class="sub">${parts.join(' · ')}</span>`;
}

function scoreChips(scores: TraceSummary['scores']): Html[] {
  return scores.map(({ name, count: times, mean, last }) => {
    const value = mean === null ? last : scoreValue(mean);
    return html`<span class="chip">${name} <b>${value}</b>${times > 1 ? ` ×${times}` : ''}</span>`;
  });
}

function pageLinks({ page, limit, totalItems }: TracesPage): Html | null {
  const pages = Math.ceil(totalItems / limit);
  if (pages <= 1 && page === 1) return null;
  const link = (target: number, label: string, rel: string) =>
    html`<a rel="${rel}" href="/?page=${target}&amp;limit=${limit}">${label}</a>`;
  return html`<nav class="pages" aria-label="Pages">
${page > 1 && link(Math.min(page - 1, pages), '← Newer', 'prev')}
<span class="muted">Page ${page} of ${pages}</span>
${page < pages && link(page + 1, 'Older →', 'next')}
</nav>`;
}

function emptyState(baseUrl: string): Html {
  return html`<h1>Traces</h1>
<div class="empty">
<h2>Nothing has arrived yet</h2>
<p>This receiver takes traces from any Langfuse client on this machine, and from OpenTelemetry. Any key pair will do, unless it was started with keys of its own.</p>
<h2>A Langfuse client, tailrace or another</h2>
<pre>export LANGFUSE_BASE_URL=${baseUrl}
export LANGFUSE_PUBLIC_KEY=pk-lf-local
export LANGFUSE_SECRET_KEY=sk-lf-local</pre>
<h2>OpenTelemetry</h2>
<pre>export OTEL_EXPORTER_OTLP_ENDPOINT=${baseUrl}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf</pre>
<p class="muted">Then run the application, and load this page again.</p>
</div>`;
}
