/** The page of one trace: its fields, payloads, scores, complaints, and the tree of observations. */

import { complaintList } from './complaints.js';
import { dollars, howOfSum, tokens } from './estimate.js';
import { count, duration, plural, time } from './format.js';
import { type Html, html, trusted } from './html.js';
import { layout } from './layout.js';
import { observationNode } from './observation-node.js';
import { payloadDetails } from './payload.js';
import { type TreeNode, treeOrder } from './trace-tree.js';
import type { ComplaintView, ObservationView, ScoreView, TraceView } from './views.js';

interface TracePage {
  trace: TraceView;
  observations: ObservationView[];
  /** The limit for `observations`. */
  maxObservations: number;
  scores: ScoreView[];
  /** The first complaints; `trace.complaintCount` is the total. */
  complaints: ComplaintView[];
}

export function tracePage({ trace, observations, maxObservations, scores, complaints }: TracePage): string {
  const title = trace.name || 'unnamed trace';
  const base = `/trace/${encodeURIComponent(trace.id)}`;
  const hidden = trace.observationCount - observations.length;
  return layout(
    title,
    html`<h1>${title}</h1>
<p class="muted mono">${trace.id}</p>
${facts(trace)}
${complaintList({ heading: 'Complaints', complaints, total: trace.complaintCount, names: namesOf(observations) })}
${scores.length > 0 && scoreList(scores, observations)}
${(trace.input ?? trace.output ?? trace.metadata) !== null && html`<h2>Input and output</h2>`}
${payloadDetails('Input', trace.input, `${base}/input`, false)}
${payloadDetails('Output', trace.output, `${base}/output`, true)}
${payloadDetails('Metadata', trace.metadata, `${base}/metadata`, false)}
<h2>${plural(trace.observationCount, 'observation')}</h2>
${observations.length > 0 && html`<div class="tree">${tree(trace, treeOrder(observations))}</div>`}
${hidden > 0 && html`<p class="note">The first ${count(maxObservations)} are shown, ${count(hidden)} are not. The read API has them all.</p>`}`,
  );
}

function facts(trace: TraceView): Html {
  const { environment } = trace;
  const entries: [string, Html | string | null][] = [
    ['Time', time(trace.startUs)],
    ['Duration', duration(trace.durationUs)],
    ['Tokens', tokens(trace.totalTokens, howOfSum(trace.hasEstimatedTokens))],
    ['Cost', dollars(trace.totalCost, howOfSum(trace.hasEstimatedCost))],
    ['Errors', trace.errorCount > 0 ? html`<span class="bad">${count(trace.errorCount)}</span>` : '0'],
    ['User', trace.userId],
    ['Session', trace.sessionId],
    ['Environment', environment === 'default' ? null : environment],
    ['Release', trace.release],
    ['Version', trace.version],
    [
      'Tags',
      trace.tags.length === 0
        ? null
        : html`${trace.tags.map((tag) => html`<span class="chip">${tag}</span>`)}`,
    ],
  ];
  const known = entries.filter(([, value]) => value !== null);
  return html`<dl class="facts">${known.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function namesOf(observations: ObservationView[]): Map<string, string> {
  return new Map(observations.map(({ id, name }) => [id, name || 'unnamed']));
}

function scoreList(scores: ScoreView[], observations: ObservationView[]): Html {
  const names = namesOf(observations);
  return html`<h2>Scores</h2>
<div class="scroll"><table>
<thead><tr><th scope="col">Name</th><th scope="col">Value</th><th scope="col">On</th><th scope="col">Comment</th></tr></thead>
<tbody>${scores.map(
    ({ name, value, observationId, comment }) =>
      html`<tr><th scope="row">${name}</th><td>${value}</td><td>${observationId === null ? 'the trace' : (names.get(observationId) ?? observationId)}</td><td>${comment ?? ''}</td></tr>`,
  )}</tbody>
</table></div>`;
}

/** More indents would push the text off the page. */
const MAX_INDENT = 12;

/** Nested lists, built without recursion: a tree may be deeper than the stack. */
function tree(trace: TraceView, nodes: TreeNode[]): Html[] {
  const end = Math.max(...nodes.map(({ observation }) => observation.endUs ?? observation.startUs));
  const range = { startUs: trace.startUs, endUs: Math.max(end, trace.startUs + (trace.durationUs ?? 0)) };
  const parts: Html[] = [];
  let depth = -1;
  for (const node of nodes) {
    if (node.depth > depth)
      parts.push(node.depth > MAX_INDENT ? trusted('<ul class="flat"><li>') : trusted('<ul><li>'));
    else parts.push(trusted(`${'</li></ul>'.repeat(depth - node.depth)}</li><li>`));
    depth = node.depth;
    parts.push(observationNode(trace.id, node.observation, range));
  }
  parts.push(trusted('</li></ul>'.repeat(depth + 1)));
  return parts;
}
