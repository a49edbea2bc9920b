/** A list of complaints. */

import type { ComplaintList } from '../../data/complaints.js';
import { count } from './format.js';
import { isNarrow } from './screen.js';

interface ComplaintsProps {
  heading: string;
  list: ComplaintList;
  /** The name of an observation, if it is known. */
  nameOf(observationId: string): string | undefined;
}

export function Complaints({ heading, list: { complaints, total }, nameOf }: ComplaintsProps) {
  if (total === 0) return null;
  const hidden = total - complaints.length;
  return (
    <details class="complaints" open={total < 4 && !isNarrow.value}>
      <summary>
        {heading} <span class="badge warning">{count(total)}</span>
      </summary>
      <p class="note">
        A Langfuse server does not store what was dropped, stores otherwise what was changed, and shows in two
        ways what is in disagreement.
      </p>
      <div class="scroll" tabIndex={0} role="region" aria-label={heading}>
        <table>
          <thead>
            <tr>
              <th scope="col">Code</th>
              <th scope="col">Severity</th>
              <th scope="col">On</th>
              <th scope="col">Field</th>
              <th scope="col">Message</th>
            </tr>
          </thead>
          <tbody>
            {complaints.map(({ code, severity, traceId, observationId, field, message }, index) => (
              <tr key={index}>
                <th scope="row" class="mono">
                  {code}
                </th>
                <td class={severity === 'dropped' ? 'bad' : ''}>{severity}</td>
                <td>
                  {observationId === null
                    ? (traceId ?? 'a request')
                    : (nameOf(observationId) ?? observationId)}
                </td>
                <td class="mono">{field}</td>
                <td>{message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {hidden > 0 && (
        <p class="note">{count(hidden)} more are not shown: /api/public/tailrace/complaints has them.</p>
      )}
    </details>
  );
}
