/** Output for terminals: colours, and a progress line. */
import type { Io, Output } from './io.js';

/** Select Graphic Rendition: the numbers that begin a style and end it. */
const STYLES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  cyan: [36, 39],
} as const;

export type Paint = (style: keyof typeof STYLES, text: string) => string;

/** Colours for a terminal, plain text for anything else; NO_COLOR is honoured (no-color.org). */
export function createPaint(output: Output, env: Io['env']): Paint {
  // Not util.styleText: whether it checks the terminal differs between versions of Node.js.
  if (output.isTTY !== true || env.NO_COLOR || env.TERM === 'dumb') return (_style, text) => text;
  return (style, text) => {
    const [begin, end] = STYLES[style];
    return `\u001b[${begin}m${text}\u001b[${end}m`;
  };
}

/** A progress line at the bottom of the terminal. */
export interface ProgressLine {
  /** Rewrites the line, at most once per redraw interval. */
  show(text: string): void;
  /** Removes the line, so that other lines can be printed. */
  clear(): void;
}

/** Faster changes are not visible, and terminals are slow. */
const REDRAW_INTERVAL_MS = 80;
const ERASE_LINE = '\r\u001b[K';

export const NO_PROGRESS: ProgressLine = { show: () => {}, clear: () => {} };

export function createProgressLine(output: Output, env: Io['env']): ProgressLine {
  if (output.isTTY !== true || env.TERM === 'dumb') return NO_PROGRESS;
  let shownAt = Number.NEGATIVE_INFINITY;
  let visible = false;
  return {
    show(text) {
      const time = performance.now();
      if (time - shownAt < REDRAW_INTERVAL_MS) return;
      shownAt = time;
      visible = true;
      // A wrapped line cannot be overwritten.
      output.write(`${ERASE_LINE}${text.slice(0, (output.columns ?? 80) - 1)}`);
    },
    clear() {
      if (visible) output.write(ERASE_LINE);
      visible = false;
      shownAt = Number.NEGATIVE_INFINITY;
    },
  };
}

/** `▕██████░░░░▏ 60 %` */
export function progressBar(fraction: number, width = 24): string {
  const part = Math.min(1, Math.max(0, fraction));
  const filled = Math.round(part * width);
  return `▕${'█'.repeat(filled)}${'░'.repeat(width - filled)}▏ ${Math.floor(part * 100)} %`;
}
