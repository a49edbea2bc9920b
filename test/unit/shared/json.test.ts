/** JSON without lone surrogates: the same as JSON.stringify, with U+FFFD in their place. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stringifyWellFormed } from '../../../src/shared/json.js';

it('keeps all other escapes, and text that only looks like a lone surrogate', () => {
  expect(stringifyWellFormed('\\ud83d\ud83d\\\\\ude00\n😀\\\\ud83d')).toBe(
    '"\\\\ud83d\ufffd\\\\\\\\\ufffd\\n😀\\\\\\\\ud83d"',
  );
  expect(stringifyWellFormed({ '\ud83d': ['\udfff'] })).toBe('{"\ufffd":["\ufffd"]}');
  expect(stringifyWellFormed(undefined)).toBeUndefined();
});

it('of any text is the JSON of the well-formed text', () => {
  const unit = fc.constantFrom('\ud83d', '\ude00', '\\', 'u', 'd', '8', '"', '😀', '\u0001');
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      expect(stringifyWellFormed(text)).toBe(JSON.stringify(text.toWellFormed()));
    }),
  );
});
