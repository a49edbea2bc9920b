/** What a message shows: of a server's words nothing that it was sent, of an option's text no secret. */
import { describe, expect, it } from 'vitest';
import { findEcho } from '../../../src/shared/echo.js';
import { showText } from '../../../src/shared/secret-text.js';
import { excerptOf } from '../../../src/shared/server-words.js';

const sentAs = (...bodies: string[]) => ({
  secrets: ['sk-lf-secret', 'token'],
  bodies: bodies.map((body) => Buffer.from(body)),
});

describe('the words of a server', () => {
  it('are shown on one line, without markup, and not at length', () => {
    expect(excerptOf('<h1>Bad\n Gateway</h1>\t!')).toBe('Bad Gateway !');
    expect(excerptOf('x'.repeat(1000))).toHaveLength(200);
  });

  it('end where they begin to repeat what was sent', () => {
    const sent = sentAs('{"input":"patient Jane Doe, 41"}');
    expect(excerptOf('cannot read: patient Jane Doe, 41', sent)).toBe('cannot read: …');
    expect(excerptOf('{\\"input\\":\\"patient Jane Doe, 41\\"} is wrong', sent)).not.toMatch(/Jane/);
    expect(excerptOf('cannot read this', sent)).toBe('cannot read this');
  });

  it('may name a field, though what was sent has it as well', () => {
    const sent = sentAs('{"environment":"x","parentObservationId":"1"}');
    const words = 'invalid "environment" and "parentObservationId"';
    expect(excerptOf(words, sent)).toBe(words);
  });

  it('hold none of the secrets, even where the end of what is shown would cut one', () => {
    const words = `${'.'.repeat(195)}sk-lf-secret sk-lf-secret`;
    expect(excerptOf(words, sentAs())).not.toMatch(/sk-/);
  });

  it('may be in any script', () => {
    const sent = sentAs('{"input":"患者の名前は山田です"}');
    expect(excerptOf('invalid: 患者の名前は山田です', sent)).not.toMatch(/山田/);
  });
});

describe('an echo', () => {
  it('is found at its first place, in any of what was sent', () => {
    const text = Buffer.from('0123456789 and abc def ghi jkl');
    const sent = ['xx abc def ghi jkl', '9 and abc def'].map((one) => Buffer.from(one));
    expect(findEcho(text, sent)).toBe(9);
    expect(findEcho(text, [Buffer.from('abc def ghi')])).toBe(-1);
    expect(findEcho(Buffer.alloc(0), sent)).toBe(-1);
  });

  it('is found wherever it lies', () => {
    const echo = 'q1 w2 e3 r4 t5';
    for (let at = 0; at < 40; at++) {
      const text = Buffer.from(`${'-'.repeat(at)}${echo}${'-'.repeat(3)}`);
      expect(findEcho(text, [Buffer.from(`${'+'.repeat(40 - at)}${echo}+`)])).toBe(at);
    }
  });
});

describe('a text in a complaint about an option', () => {
  it.each([
    ['brotli', '"brotli"'],
    ['ftp://x', '"ftp://x"'],
    ['https://langfuse.internal.example/base', '"https://langfuse.internal.example/base"'],
    ['x'.repeat(50), `"${'x'.repeat(40)}"`],
    ['http://user:hunter2@host/', '"http://…@host/"'],
    ['user:hunter2@host', '"…@host"'],
    ['http://host/?key=hunter2', '"http://host/?…"'],
    ['sk-lf-hunter2', 'a text of 13 characters'],
    ['Bearer hunter2', 'a text of 14 characters'],
    ['8f14e45fceea167a5a36dedd4bea2543', 'a text of 32 characters'],
  ])('%s is shown as %s', (text, shown) => {
    expect(showText(text)).toBe(shown);
  });
});
