/** What can be done with the selected traces: export, compare, delete. */

import { useState } from 'preact/hooks';
import { load } from '../list/list-state.js';
import { sendJson } from '../server/api.js';
import { plural } from '../ui/format.js';
import { Link } from '../ui/link.js';
import { compareAddress } from '../ui/router.js';
import { ExportMenu, idsQuery } from './export-menu.js';
import { clearSelection, MAX_SELECTED, selected } from './selection.js';

export function SelectionBar() {
  const ids = [...selected.value];
  const [isAsking, ask] = useState(false);
  const [problem, setProblem] = useState('');
  if (ids.length === 0) return null;
  const [a = '', b = ''] = ids;
  const remove = async () => {
    ask(false);
    try {
      await sendJson('DELETE', 'traces', { traceIds: ids });
      clearSelection();
      setProblem('');
      await load();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <div class="selection-bar" role="toolbar" aria-label="Selected traces">
      <span role="status">
        {plural(ids.length, 'trace')} selected{ids.length === MAX_SELECTED && ', which is the most'}
      </span>
      <ExportMenu query={idsQuery(ids)} label="Export the selected traces" />
      {ids.length === 2 && (
        <Link to={compareAddress(a, b)} class="button">
          Compare
        </Link>
      )}
      {isAsking ? (
        <button type="button" class="button bad" onClick={() => void remove()}>
          Delete {plural(ids.length, 'trace')} for ever
        </button>
      ) : (
        <button type="button" class="button" onClick={() => ask(true)}>
          Delete
        </button>
      )}
      <button
        type="button"
        class="button"
        onClick={() => {
          ask(false);
          clearSelection();
        }}
      >
        Clear
      </button>
      {problem !== '' && <span role="alert">{problem}</span>}
    </div>
  );
}
