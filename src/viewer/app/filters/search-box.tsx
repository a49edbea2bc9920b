/** The search in names, inputs and outputs. It waits until somebody stops typing. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../ui/icons.js';
import { query, setQuery } from '../ui/router.js';
import { SEARCH_FURTHER } from './filter-state.js';

const PAUSE_MS = 300;

export function SearchBox({ id }: { id: string }) {
  const set = query.value.get('q') ?? '';
  const [text, setText] = useState(set);
  const timer = useRef<number>(0);
  useEffect(() => setText(set), [set]);
  const apply = (value: string) => {
    clearTimeout(timer.current);
    if (value === set) return;
    // One step back leaves the search, not one letter of it.
    const q = value === '' ? [] : [value];
    setQuery({ q, [SEARCH_FURTHER]: [] }, { replace: set !== '' && value !== '' });
  };
  return (
    <label class="search" aria-label="Search in names, inputs and outputs">
      <Icon name="search" />
      <input
        id={id}
        type="search"
        placeholder="Search names, inputs, outputs"
        value={text}
        onInput={({ currentTarget: { value } }) => {
          setText(value);
          clearTimeout(timer.current);
          timer.current = window.setTimeout(() => apply(value), PAUSE_MS);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') apply(text);
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      <kbd>/</kbd>
    </label>
  );
}
