/** The list of keys, as a dialog. */

import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

const isOpen = signal(false);

export function openHelp(): void {
  isOpen.value = true;
}

const KEYS: readonly [string, string][] = [
  ['j, ↓', 'next row'],
  ['k, ↑', 'previous row'],
  ['Enter', 'open the row; in a trace: fold or unfold'],
  ['→, ←', 'in a trace: unfold, fold or go to the parent'],
  ['/', 'search'],
  ['e, E', 'in a trace: next, previous error; in the list: failed traces only'],
  ['+, -', 'in a trace: thumb up, thumb down'],
  ['s, c', 'in a trace: give a score, write a comment'],
  ['d', 'in a trace: what is new since the generation before'],
  ['n, N', 'in a trace: next, previous match; in a comparison: difference'],
  ['p', 'pause the list'],
  ['x, X', 'in the list: select the row, or all rows from the last one on'],
  ['Escape', 'back'],
  ['?', 'this help'],
];

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = isOpen.value;
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="help-heading"
      onClose={() => {
        isOpen.value = false;
      }}
    >
      <h2 id="help-heading">Keys</h2>
      <dl class="keys">
        {KEYS.map(([keys, action]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{action}</dd>
          </div>
        ))}
      </dl>
      <button
        type="button"
        class="button"
        onClick={() => {
          isOpen.value = false;
        }}
      >
        Close
      </button>
    </dialog>
  );
}

export function HelpButton() {
  return (
    <button type="button" class="button keys" aria-label="Keys" title="Keys (?)" onClick={openHelp}>
      ?
    </button>
  );
}
