import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idOfSegment, segmentOf } from '../../../src/viewer/path-segments.js';

describe('an id as a part of a path', () => {
  it('is written as in any URL, but for the steps of a path', () => {
    expect(['a b/c', 'ä', '...', '~', '~a', '.a'].map(segmentOf)).toEqual([
      'a%20b%2Fc',
      '%C3%A4',
      '...',
      '~',
      '~a',
      '.a',
    ]);
    expect(['.', '..', '~.', '~~..'].map(segmentOf)).toEqual(['~.', '~..', '~~.', '~~~..']);
  });

  it('comes back from a URL, whatever it is', () => {
    const id = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.stringMatching(/^[~.%/2eE?#\\]{1,6}$/),
    );
    fc.assert(
      fc.property(id, (one) => {
        const { pathname } = new URL(`http://localhost/trace/${segmentOf(one)}/input`);
        const [, segment = ''] = /^\/trace\/([^/]+)\/input$/.exec(pathname) ?? [];
        expect(idOfSegment(segment)).toBe(one.toWellFormed());
      }),
    );
  });
});
