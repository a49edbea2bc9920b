/** Says what the export that was begun last has written and left out. The browser saves its stream past the page, so the page asks. */

import { signal } from '@preact/signals';
import type { ExportState } from '../../data/transfer.js';
import { getJson } from '../server/api.js';
import { plural } from '../ui/format.js';

interface Notice {
  key: string;
  state: ExportState;
}

const notice = signal<Notice | undefined>(undefined);
const MAX_SHOWN = 5;
const FIRST_WAIT_MS = 100;
const MAX_WAIT_MS = 2000;
/** The request of the export may come after the first question. */
const MAX_UNKNOWN = 5;

/** `key`: what the request of the export has as `key`. */
export async function watchExport(key: string): Promise<void> {
  notice.value = undefined;
  let unknown = 0;
  for (let waitMs = FIRST_WAIT_MS; unknown < MAX_UNKNOWN; waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    try {
      const state = await getJson<ExportState>('export-state', new URLSearchParams({ key }).toString());
      // Another one may have begun.
      if (notice.value !== undefined && notice.value.key !== key) return;
      notice.value = { key, state };
      if (state.phase !== 'running') return;
    } catch {
      unknown += 1;
    }
  }
}

export function ExportNotice() {
  if (notice.value === undefined) return <div role="status" />;
  const { phase, traces, observations, scores, comments, media, leftOut, leftOutCount } = notice.value.state;
  const counts = [plural(traces, 'trace')];
  if (observations > 0) counts.push(plural(observations, 'observation'));
  if (scores > 0) counts.push(plural(scores, 'score'));
  if (comments > 0) counts.push(plural(comments, 'comment'));
  if (media > 0) counts.push(media === 1 ? '1 medium' : `${media} media`);
  const before = { running: 'Exporting', done: 'Exported', broken: 'The export broke off after' }[phase];
  const more = leftOutCount - Math.min(leftOut.length, MAX_SHOWN);
  return (
    <div role="status">
      <div class={`notice ${leftOutCount > 0 || phase === 'broken' ? 'problem' : ''}`}>
        {before} {counts.join(', ')}.{leftOutCount > 0 && ' Left out:'}
        {leftOutCount > 0 && (
          <ul>
            {leftOut.slice(0, MAX_SHOWN).map((name) => (
              <li key={name}>{name}</li>
            ))}
            {more > 0 && <li>{more.toLocaleString('en')} more</li>}
          </ul>
        )}
        <button
          type="button"
          class="link-button"
          onClick={() => {
            notice.value = undefined;
          }}
        >
          Dismiss
        </button>
      </div>
    </div>
  );
}
