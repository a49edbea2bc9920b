/** Keys for the whole page. They do nothing while somebody types, and leave the browser's own shortcuts alone. */

import { useLayoutEffect, useRef } from 'preact/hooks';

type KeyMap = Record<string, (event: KeyboardEvent) => void>;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}

export function useKeys(keys: KeyMap): void {
  // The newest from the rendering on: effects run later, and the next key may be pressed before.
  const latest = useRef(keys);
  latest.current = keys;
  // With the rendering itself: an effect would come after it, and a key that is pressed at once would be lost.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || document.querySelector('dialog[open]') !== null) return;
      // A button or link that has the focus is pressed by Enter and the space bar.
      const isPressing = event.key === 'Enter' || event.key === ' ';
      if (isPressing && event.target instanceof HTMLElement && event.target.matches('a, button, summary'))
        return;
      const handle = Object.hasOwn(latest.current, event.key) ? latest.current[event.key] : undefined;
      if (handle === undefined) return;
      event.preventDefault();
      handle(event);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
