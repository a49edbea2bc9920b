import { describe, expect, it } from 'vitest';
import { createPaint, createProgressLine, progressBar } from '../../../src/cli/terminal.js';

function terminal(isTTY = true) {
  let written = '';
  const write = (text: string) => {
    written += text;
  };
  return { output: { write, isTTY, columns: 20 }, written: () => written };
}

describe('colours', () => {
  it('are for terminals, and not with NO_COLOR', () => {
    const { output } = terminal();
    expect(createPaint(output, {})('red', 'x')).toBe('\u001b[31mx\u001b[39m');
    expect(createPaint(output, { NO_COLOR: '1' })('red', 'x')).toBe('x');
    expect(createPaint(terminal(false).output, {})('red', 'x')).toBe('x');
  });
});

describe('the progress line', () => {
  it('is written over, cut to the width, and taken away', () => {
    const { output, written } = terminal();
    const line = createProgressLine(output, {});
    line.show('twenty characters and more');
    expect(written()).toBe('\r\u001b[Ktwenty characters a');
    line.clear();
    line.clear();
    expect(written()).toBe('\r\u001b[Ktwenty characters a\r\u001b[K');
  });

  it('is for terminals only', () => {
    const { output, written } = terminal(false);
    const line = createProgressLine(output, {});
    line.show('far');
    line.clear();
    expect(written()).toBe('');
  });

  it('has a bar that stays within its bounds', () => {
    expect(progressBar(0.5, 4)).toBe('▕██░░▏ 50 %');
    expect(progressBar(Number.POSITIVE_INFINITY, 2)).toBe('▕██▏ 100 %');
  });
});
