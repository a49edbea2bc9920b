/** A button that deletes all traces, after a question. */

import { useRef, useState } from 'preact/hooks';
import { sendJson } from '../server/api.js';
import { plural } from '../ui/format.js';
import { Problem } from '../ui/problem.js';
import { load } from './list-state.js';

export function ClearButton({ stored }: { stored: number }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [state, setState] = useState<'idle' | 'deleting'>('idle');
  const [problem, setProblem] = useState<string | null>(null);
  const clear = async () => {
    setState('deleting');
    try {
      await sendJson('DELETE', 'all-traces');
      setProblem(null);
      dialog.current?.close();
      await load();
    } catch (error) {
      setProblem((error as Error).message);
    }
    setState('idle');
  };
  const ask = () => {
    setProblem(null);
    dialog.current?.showModal();
  };
  return (
    <>
      <button type="button" class="link-button" onClick={ask}>
        Delete all traces
      </button>
      <dialog ref={dialog} class="question" aria-labelledby="clear-heading">
        <h2 id="clear-heading">Delete {plural(stored, 'trace')}?</h2>
        <p>
          All traces, scores, comments, media and complaints of this server are deleted. There is no way back.
        </p>
        <Problem text={problem} />
        <div class="form-buttons">
          <button type="button" class="button bad" disabled={state === 'deleting'} onClick={clear}>
            {state === 'deleting' ? 'Deleting…' : 'Delete all'}
          </button>
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
        </div>
      </dialog>
    </>
  );
}
