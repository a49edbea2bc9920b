/** Rows of one height, of which only the visible ones are in the document: 100,000 scroll as ten do. */

import type { VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface VirtualRowsProps {
  count: number;
  /** In pixels. */
  rowHeight: number;
  render(index: number): VNode;
  /** The row that is scrolled into view when it changes; -1: none. */
  active: number;
  /** Called when a row near the end is visible. */
  onEnd?: () => void;
  /** Attributes of the scrolling element, and its head, which stays at the top. */
  attributes: Record<string, unknown>;
  head?: VNode;
  headHeight?: number;
}

/** Rows before and after the visible ones, so that fast scrolling shows no gaps. */
const SPARE_ROWS = 12;

export function VirtualRows(props: VirtualRowsProps) {
  const { count, rowHeight, render, active, onEnd, attributes, head, headHeight = 0 } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const measure = () => setHeight(element.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || active < 0) return;
    const rowTop = active * rowHeight;
    const visible = element.clientHeight - headHeight;
    if (rowTop < element.scrollTop) element.scrollTop = rowTop;
    else if (rowTop + rowHeight > element.scrollTop + visible)
      element.scrollTop = rowTop + rowHeight - visible;
  }, [active, rowHeight, headHeight]);

  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE_ROWS);
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + SPARE_ROWS);
  useEffect(() => {
    if (last >= count - SPARE_ROWS) onEnd?.();
  }, [last, count, onEnd]);

  const rows = [];
  for (let index = first; index < last; index += 1) rows.push(render(index));
  return (
    <div
      ref={scroller}
      {...attributes}
      onScroll={({ currentTarget }) => setTop((currentTarget as HTMLElement).scrollTop)}
    >
      {head}
      <div role="rowgroup" class="rows" style={{ height: `${count * rowHeight}px` }}>
        {rows}
      </div>
    </div>
  );
}

/** Where a row stands. */
export function rowStyle(index: number, rowHeight: number) {
  return { transform: `translateY(${index * rowHeight}px)`, height: `${rowHeight}px` };
}
