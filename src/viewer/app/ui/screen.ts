/** Whether the screen is a narrow one: there rows are cards, and panes lie over each other. */

import { signal } from '@preact/signals';

const narrow = window.matchMedia('(max-width: 48rem)');

export const isNarrow = signal(narrow.matches);

narrow.addEventListener('change', () => {
  isNarrow.value = narrow.matches;
});
