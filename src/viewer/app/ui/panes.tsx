/** Two panes with a divider that is moved by pointer or by keys. */

import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { readPreference, writePreference } from './preferences.js';

const MIN_PERCENT = 20;
const MAX_PERCENT = 80;
const KEY_STEP = 2;

const isPercent = (value: unknown): value is number =>
  typeof value === 'number' && value >= MIN_PERCENT && value <= MAX_PERCENT;

interface PanesProps {
  /** Of the preference. */
  name: string;
  label: string;
  first: ComponentChildren;
  second: ComponentChildren;
}

export function Panes({ name, label, first, second }: PanesProps) {
  const element = useRef<HTMLDivElement>(null);
  const [percent, setPercent] = useState(() => readPreference(name, isPercent) ?? 55);
  const move = (value: number) => {
    const bounded = Math.min(MAX_PERCENT, Math.max(MIN_PERCENT, value));
    setPercent(bounded);
    writePreference(name, bounded);
  };
  const drag = (event: PointerEvent) => {
    const box = element.current?.getBoundingClientRect();
    if (box !== undefined && event.buttons === 1) move(((event.clientX - box.left) / box.width) * 100);
  };
  return (
    <div ref={element} class="panes" style={{ gridTemplateColumns: `${percent}% 7px minmax(0, 1fr)` }}>
      <div class="pane">{first}</div>
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label={label}
        aria-valuenow={Math.round(percent)}
        aria-valuemin={MIN_PERCENT}
        aria-valuemax={MAX_PERCENT}
        tabIndex={0}
        class="divider"
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={(event) => {
          const step = event.key === 'ArrowLeft' ? -KEY_STEP : event.key === 'ArrowRight' ? KEY_STEP : 0;
          if (step === 0) return;
          event.preventDefault();
          move(percent + step);
        }}
      />
      <div class="pane">{second}</div>
    </div>
  );
}
