/** A link inside the page: a click changes the page, a click with a modifier opens a tab as always. */

import type { ComponentChildren } from 'preact';
import { go } from './router.js';

interface LinkProps {
  to: string;
  class?: string;
  title?: string;
  children: ComponentChildren;
}

export function Link({ to, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    go(to);
  };
  return (
    <a href={to} onClick={follow} {...rest}>
      {children}
    </a>
  );
}
