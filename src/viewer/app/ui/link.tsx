/** A link inside the page: a click changes the page, a click with a modifier opens a tab as always. */

import type { ComponentChildren } from 'preact';
import { go } from './router.js';

interface LinkProps {
  to: string;
  class?: string;
  title?: string;
  /** It leads to the page that is shown. */
  isCurrent?: boolean;
  children: ComponentChildren;
}

export function Link({ to, isCurrent = false, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    go(to);
  };
  return (
    <a href={to} onClick={follow} aria-current={isCurrent ? 'page' : undefined} {...rest}>
      {children}
    </a>
  );
}
