/** A button that copies a text. */

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Icon } from './icons.js';

interface CopyProps {
  /** A function: the text is made, or read, when it is copied. */
  text: string | (() => string | Promise<string>);
  label: string;
  class?: string;
  /** Words beside the icon. */
  children?: ComponentChildren;
}

/** How long the button says that it has copied. */
const SHOWN_MS = 1_500;

export function Copy({ text, label, class: className = 'icon-button', children }: CopyProps) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  const copy = async (event: MouseEvent) => {
    event.stopPropagation();
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : await text());
      setState('copied');
    } catch {
      setState('failed');
    }
    setTimeout(() => setState('idle'), SHOWN_MS);
  };
  const title = state === 'idle' ? label : state === 'copied' ? 'Copied' : 'It could not be copied';
  return (
    <button type="button" class={className} title={title} aria-label={title} onClick={copy}>
      <Icon name={state === 'copied' ? 'check' : 'copy'} />
      {children !== undefined && <> {children}</>}
    </button>
  );
}
