/** Messages show nothing of untrusted text that was sent, and no secret of an option's text. */
import { describe, expect, it } from 'vitest';
import { printable, showText } from '../../../../src/shared/untrusted-text/printable.js';
import {
  excerpt,
  redactField,
  redactOrigin,
  redactUntrusted,
} from '../../../../src/shared/untrusted-text/untrusted-text.js';
import { SERVER_ANSWERS } from '../../../fixtures/server-answers.js';

const sentAs = (...bodies: string[]) => ({
  secrets: ['sk-lf-5weep-hunter', 'Basic cGstbGYtMTpzay1sZi01d2VlcC1odW50ZXI='],
  bodies: bodies.map((body) => Buffer.from(body)),
});

const codeOf = (letter: string): number => letter.charCodeAt(0);
const fromCode = (code: number): string => String.fromCharCode(code);
const letterOf = (digit: string): string => fromCode(97 + Number.parseInt(digit, 16));
const shifted = (text: string): string =>
  text.replace(/[a-z]/g, (letter) => fromCode(97 + ((codeOf(letter) - 97 + 13) % 26)));

/** A body of an LLM application: much English, and names of fields. */
const LARGE_BODY = JSON.stringify(
  Array.from({ length: 300 }, (_, index) => ({
    id: index.toString(16).padStart(16, '0'),
    type: 'generation-create',
    name: 'support agent',
    input: `Patient ${index} asks: which tablets may I take with milk, and what do the neighbours' children know of it?`,
    metadata: { 'langfuse.observation.usage_details': index * 7919, path: `/var/data/${index}.json` },
  })),
);

describe('the answers of real servers', () => {
  it.each(SERVER_ANSWERS.map((one) => [one.from, one.status, one] as const))(
    '%s, %i: are kept, whatever was sent',
    (_from, _status, { type, body, keeps }) => {
      const answer = { headers: { 'content-type': type }, body: Buffer.from(body) };
      for (const sent of [undefined, sentAs(), sentAs(LARGE_BODY)]) {
        const shown = excerpt(answer, sent);
        expect(keeps.filter((words) => !shown.includes(words))).toEqual([]);
        expect(shown.length).toBeLessThanOrEqual(202);
      }
    },
  );
});

describe('untrusted text', () => {
  it('is shown on one line, without markup, and shortened', () => {
    expect(redactUntrusted('<h1>Bad\n Gateway</h1>\t!')).toBe('Bad Gateway !');
    expect(redactUntrusted('bad gateway '.repeat(1000))).toHaveLength(200);
  });

  it('ends where it begins to repeat what was sent', () => {
    const sent = sentAs('{"input":"patient Jane Doe, 41"}');
    expect(redactUntrusted('cannot read: patient Jane Doe, 41', sent)).toBe('cannot read: …');
    expect(redactUntrusted('{\\"input\\":\\"patient Jane Doe, 41\\"} is wrong', sent)).not.toMatch(/Jane/);
    expect(redactUntrusted('cannot read this', sent)).toBe('cannot read this');
  });

  it('ends also where it repeats only known words', () => {
    const sent = sentAs('{"input":"delete the user account and reset the password"}');
    expect(redactUntrusted('invalid: delete the user account', sent)).toBe('invalid: …');
  });

  it('shows only words of a list: others may be what was sent, in an unknown cipher', () => {
    expect(redactUntrusted('tenant blue sleeps until Monday', sentAs())).toBe('tenant … sleeps until Monday');
  });

  it.each([
    ['shifted letters', shifted],
    [
      'the alphabet backwards',
      (text: string) => text.replace(/[a-z]/g, (letter) => fromCode(219 - codeOf(letter))),
    ],
    ['backwards', (text: string) => [...text].reverse().join('')],
    [
      'letters for hexadecimal digits',
      (text: string) => Buffer.from(text).toString('hex').replace(/./g, letterOf),
    ],
    ['every second letter', (text: string) => [...text].filter((_, index) => index % 2 === 0).join('')],
    ['syllables', (text: string) => text.replace(/[a-z]/g, (letter) => `${letter}o`)],
  ])('shows nothing of what was sent in %s', (_, encode) => {
    const secret = 'correct horse battery staple';
    const sent = { secrets: [secret], bodies: [Buffer.from('{"input":"patient Jane Doe has leukemia"}')] };
    for (const text of [secret, 'patient jane doe has leukemia']) {
      const shown = redactUntrusted(`invalid: ${encode(text)}`, sent);
      expect(shown.replace(/…/g, '').trim()).toMatch(/^invalid:?( +\w{1,2})*$/);
    }
  });

  it('may name a field that was sent', () => {
    const sent = sentAs(
      '{"environment":"x","parentObservationId":"1","langfuse.observation.usage_details":{}}',
    );
    const words = 'invalid "environment", parentObservationId and langfuse.observation.usage_details';
    expect(redactUntrusted(words, sent)).toBe(words);
  });

  it('shows no secret, nor a part of one', () => {
    const words = `${'.'.repeat(195)}sk-lf-5weep-hunter sk-lf-5weep-hunter`;
    expect(redactUntrusted(words, sentAs())).not.toMatch(/sk-|5weep|hunter/);
    expect(redactUntrusted('bad key: hunter', sentAs())).toBe('bad key: …');
    expect(redactUntrusted('a server error', { secrets: ['server'], bodies: [] })).toBe('a …');
  });

  it('may name the schemes Basic and Bearer', () => {
    const sent = { secrets: ['Bearer 8f3a9c', 'Bearer', 'Basic'], bodies: [] };
    expect(redactUntrusted('no bearer token, use basic auth', sent)).toBe('no bearer token, use basic auth');
  });

  it.each([
    [
      'a number that says something',
      'limit is 4194304, got 5242880 bytes',
      'limit is 4194304, got 5242880 bytes',
    ],
    ['bytes', '{"data":[80,65,84,73]}', '{"data":[…]}'],
    ['parts of the number of a card', 'card 4111 1111 1111 1111', 'card …'],
    ['a part of a number that was sent', 'declined 12345678', 'declined …'],
    ['an address', 'from 10.0.0.1:8080 on', 'from … on'],
    ['an id', 'request 8f3a9c21 failed', 'request … failed'],
    ['a request id with dashes', 'request f47ac10b-58cc-4372-a567-0e02b2c3d479 failed', 'request … failed'],
  ])('shows the harmless part of %s', (_, text, shown) => {
    expect(redactUntrusted(text, sentAs('{"account":"DE12345678"}'))).toBe(shown);
  });

  it.each([
    ['directions of writing', 'bad \u202egateway\u202c \u2066x\u2069'],
    ['what has no width', 'bad\u200b \u2060gate\u00adway\ufeff'],
    ['controls', 'bad \u0000gate\u0007way\u001b[31m\u009b'],
    ['line separators', 'bad\u2028gateway\u2029\u0085'],
    ['escapes of JSON', 'bad \\u0067ateway\\u202e'],
    ['entities', 'bad &#x67;ateway&#8238;'],
  ])('shows no %s', (_, text) => {
    const words = redactUntrusted(text);
    expect(words).toMatch(/^bad gateway/);
    expect(words).toMatch(/^[ -~…]*$/);
  });

  it('in another script is not shown', () => {
    expect(redactUntrusted('患者の名前は山田です')).toBe('');
    expect(redactField('患者の名前は山田です')).toBe('a text of 10 characters, not shown');
  });

  it('is redacted in linear time', () => {
    const hostile = ['<', '&', '\\', '%', '…', '.', '<!--', '<script', 'a.b', "don't ", '\\u', 'aB', '9.9'];
    const bodies = [Buffer.from('a'.repeat(1 << 20))];
    // Under a second; quadratic time would be minutes.
    for (const piece of hostile) redactUntrusted(piece.repeat(65_536), { secrets: [], bodies });
    redactUntrusted('a'.repeat(65_536), { secrets: [], bodies });
  });
});

describe('an answer', () => {
  const answer = (body: string | Buffer, headers = {}) =>
    excerpt({ headers, body: Buffer.from(body) }, sentAs());

  it('without text that can be shown is described by type and size', () => {
    const html = { 'content-type': 'text/html; charset=utf-8' };
    expect(answer('sk-lf-5weep-hunter', html)).toBe(' (text/html, 18 bytes)');
    expect(answer('8f3a9c', { 'content-type': 'application/sk-lf-5weep-hunter' })).toBe(
      ' (of another type, 6 bytes)',
    );
    expect(answer('8f3a9c')).toBe(' (no type, 6 bytes)');
  });

  it('of bytes, or in a coding that was not decoded, is not text', () => {
    expect(answer(Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]))).toBe(' (no type, 6 bytes)');
    expect(answer('Bad Gateway', { 'content-encoding': 'zstd' })).toBe(' (no type, 11 bytes)');
  });

  it('without a body is not described', () => {
    expect(answer('')).toBe('');
    expect(answer(' \n')).toBe('');
  });
});

describe('an address that a server names', () => {
  it.each([
    ['https://us.cloud.langfuse.com/x?y', 'https://us.cloud.langfuse.com'],
    ['https://langfuse.acme.example/', 'https://langfuse.acme.example'],
    ['http://sk-lf-5weep.elsewhere.example/', 'http://….elsewhere.example'],
    ['http://10.0.0.1:3000/', 'http://…:3000'],
    ['http://10.0.0.2:3000/', 'http://10.0.0.2:3000'],
    ['http://[::1]/', 'http://…'],
    ['file:///etc/passwd', 'http://…'],
  ])('%s is shown as %s', (url, shown) => {
    expect(redactOrigin(new URL(url), ['langfuse.acme.example', '10.0.0.2'])).toBe(shown);
  });

  it('is shown without a port that was sent', () => {
    const pin = sentAs('{"input":"my code is 47113"}');
    expect(redactOrigin(new URL('http://10.0.0.1:47113/'), [], pin)).toBe('http://…:…');
    expect(redactOrigin(new URL('http://10.0.0.1:8080/'), [], pin)).toBe('http://…:8080');
  });
});

describe('the value of an option', () => {
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
    ['a\nb\u202ec\u2028d\u009b', '"a\\nbcd"'],
  ])('%s is shown as %s', (text, shown) => {
    expect(showText(text)).toBe(shown);
  });
});

it('a text of the application is shown without characters that move or hide others', () => {
  expect(printable('Größe 患者 👍\u202e\u0007\u200b\u001b[2J\ud800\n\tat x')).toBe(
    'Größe 患者 👍[2J\n\tat x',
  );
});
