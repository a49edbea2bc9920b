/** The forms of option `redact`: those that are meant by something, and those that mask everything. */
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/client-config.js';
import { READY_PATTERNS } from '../../../src/shared/contract/redaction.js';

function resolve(redact: unknown) {
  const options = { publicKey: 'pk', secretKey: 'sk', redact: redact as never };
  const { engine, problems } = resolveConfig(options, {}, '1');
  return { redact: (engine?.exporter.options as { redact?: unknown } | undefined)?.redact, problems };
}

const all = { patterns: READY_PATTERNS, paths: [] };
const a = { pattern: /a/ };

describe('redact', () => {
  it.each([undefined, null, false])('of %s is off', (value) => {
    expect(resolve(value)).toEqual({ redact: undefined, problems: [] });
  });

  it.each<[string, unknown, object]>([
    ['true', true, all],
    ['an empty object', {}, all],
    ['a replacement alone', { replacement: '#' }, { ...all, replacement: '#' }],
    ['empty lists', { patterns: [], paths: [] }, all],
    ['nothing in a list', [], all],
    ['members that are null', { patterns: null, paths: null }, all],
    ['a RegExp', /a/, { patterns: [a], paths: [] }],
    ['RegExps', [/a/, /b/gy], { patterns: [a, { pattern: /b/gy }], paths: [] }],
    ['a RegExp as a text', '/a/', { patterns: [a], paths: [] }],
    ['the name of a ready pattern', 'email', { patterns: ['email'], paths: [] }],
    [
      'names in a list',
      ['email', 'API_KEY', 'apikey', 'Card'],
      { patterns: ['email', 'api-key', 'api-key', 'card'] },
    ],
    ['patterns that are one', { patterns: /a/ }, { patterns: [a], paths: [] }],
    ['pattern', { pattern: /a/ }, { patterns: [a], paths: [] }],
    [
      'pattern with a replacement of its own',
      { pattern: /a/, replacement: '$&' },
      { patterns: [{ pattern: /a/, replacement: '$&' }] },
    ],
    ['pattern in a list', { pattern: [/a/, 'email'] }, { patterns: [a, 'email'] }],
    ['pattern beside paths', { pattern: /a/, paths: ['input.b'] }, { patterns: [a], paths: ['input.b'] }],
    [
      'a ready pattern with a replacement',
      [{ pattern: 'email', replacement: '#' }],
      { patterns: [{ pattern: 'email', replacement: '#' }] },
    ],
    ['paths', { paths: ['input.a', ' output[0] '] }, { patterns: [], paths: ['input.a', 'output[0]'] }],
    ['a path', { path: 'input.a' }, { patterns: [], paths: ['input.a'] }],
    ['path in a list', { path: ['input'] }, { patterns: [], paths: ['input'] }],
    [
      'a field in another spelling',
      { paths: ['Input.a', 'status_message', 'model-parameters.b'] },
      { paths: ['input.a', 'statusMessage', 'modelParameters.b'] },
    ],
    [
      'all',
      { patterns: ['email', /a/], paths: ['**.b'], replacement: '#' },
      { patterns: ['email', a], paths: ['**.b'], replacement: '#' },
    ],
  ])('as %s is taken for what it means', (_, value, expected) => {
    const { redact, problems } = resolve(value);
    expect(problems).toEqual([]);
    expect(redact).toMatchObject(expected);
    expect(redact).not.toHaveProperty('masksAll');
  });

  it.each<[string, unknown, RegExp]>([
    ['a number', 42, /^option redact must be true, false, a RegExp, .*, but is a value of type number;/],
    ['a function', () => 'x', /^option redact must be .*, but is a value of type function;/],
    ['a text', 'my-secret', /^option redact\.patterns\[0\] must be one of email, .*, but is another text;/],
    ['a Map', new Map([['paths', ['input']]]), /^option redact must be .*, but has none of these;/],
    ['a text that is no RegExp', ['/my-secret(/'], /redact\.patterns\[0\] must be one of/],
    ['a pattern that is none', { patterns: ['email', 'my-secret'] }, /redact\.patterns\[1\] must be one of/],
    [
      'a pattern of another name',
      { patterns: [{ regex: /my-secret/ }] },
      /redact\.patterns\[0\] must be one of/,
    ],
    [
      'a pattern with flags beside it',
      { patterns: [{ pattern: /my-secret/, flags: 'i' }] },
      /redact\.patterns\[0\]/,
    ],
    [
      'a replacement that is a function',
      { patterns: [{ pattern: /a/, replacement: () => '' }] },
      /redact\.patterns\[0\]\.replacement must be a string, but is a value of type function;/,
    ],
    [
      'no usable path',
      { paths: [5] },
      /^option redact\.paths\[0\] must be a path .*, but is a value of type number;/,
    ],
    [
      'one path of two',
      { paths: ['input.a', ''] },
      /^option redact\.paths\[1\] must be a path .*, but is an empty text;/,
    ],
    [
      'a mistyped field',
      { paths: ['inptu.ssn'] },
      /^option redact\.paths\[0\] must begin with input, .* mistyped input/,
    ],
    ['a field in the plural', { paths: ['comments'] }, /mistyped comment/],
    [
      'another name',
      { patterns: ['email'], keys: ['ssn'] },
      /^option redact must be .*, but has a member keys;/,
    ],
    ['a name that is no name', { 'my-secret 1': true }, /^option redact must be .*, but has another member;/],
    ['a list in a list', [[/my-secret/]], /redact\.patterns\[0\] must be one of .*, but is an array;/],
    [
      'an empty RegExp',
      /(?:)/,
      /^option redact\.patterns\[0\] is a RegExp that is empty, and hides nothing;/,
    ],
    [
      'a RegExp of nothing',
      { patterns: ['email', { pattern: new RegExp(undefined as never, 'g') }] },
      /^option redact\.patterns\[1\] is a RegExp that is empty/,
    ],
    ['a RegExp behind a proxy', new Proxy(/my-secret/, {}), /^option redact must be/],
  ])('as %s masks everything, with one warning that holds no value', (_, value, problem) => {
    const { redact, problems } = resolve(value);
    expect(redact).toMatchObject({ masksAll: true });
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems[0]).toMatch(/; masking everything$/);
    expect(problems[0]).not.toContain('my-secret');
  });

  it('with a path that begins nowhere is named, and reaches any depth', () => {
    const { redact, problems } = resolve({ paths: ['password', '**.a', 'user.content', 'content'] });
    expect(redact).toMatchObject({ paths: ['**.password', '**.a', '**.user.content', '**.content'] });
    expect(problems).toHaveLength(3);
  });

  it('with a replacement that is none replaces all the same', () => {
    expect(resolve({ patterns: [/a/], replacement: 5 })).toEqual({
      redact: { patterns: [a], paths: [], replacement: undefined },
      problems: [expect.stringContaining('option redact.replacement must be a string')],
    });
  });
});
