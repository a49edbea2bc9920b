/** Complaints, as a badge and as a list. */

import { count, plural } from './format.js';
import { type Html, html } from './html.js';
import type { ComplaintView } from './views.js';

export function complaintBadge(complaints: number): Html | null {
  if (complaints === 0) return null;
  return html` <span class="badge level WARNING">${plural(complaints, 'complaint')}</span>`;
}

interface ComplaintList {
  heading: string;
  complaints: ComplaintView[];
  /** How many there are in all. */
  total: number;
  /** Names of observations, by id. */
  names: ReadonlyMap<string, string>;
}

export function complaintList({ heading, complaints, total, names }: ComplaintList): Html | null {
  if (total === 0) return null;
  const hidden = total - complaints.length;
  const subject = ({ traceId, observationId }: ComplaintView) =>
    observationId === null ? (traceId ?? 'a request') : (names.get(observationId) ?? observationId);
  return html`<h2 id="complaints">${heading}</h2>
<p class="note">A Langfuse server does not store what was dropped, stores otherwise what was changed, and shows in two ways what is in disagreement.</p>
<div class="scroll"><table>
<thead><tr><th scope="col">Code</th><th scope="col">Severity</th><th scope="col">On</th><th scope="col">Field</th><th scope="col">Message</th></tr></thead>
<tbody>${complaints.map(
    (complaint) =>
      html`<tr><th scope="row" class="mono">${complaint.code}</th><td${complaint.severity === 'dropped' && html` class="bad"`}>${complaint.severity}</td><td>${subject(complaint)}</td><td class="mono">${complaint.field}</td><td>${complaint.message}</td></tr>`,
  )}</tbody>
</table></div>
${hidden > 0 && html`<p class="note">${count(hidden)} more are not shown: /api/public/tailrace/complaints has them.</p>`}`;
}
