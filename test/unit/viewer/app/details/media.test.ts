import { describe, expect, it } from 'vitest';
import { mediumOf, withReferences } from '../../../../../src/viewer/app/details/media.js';

describe('media on the page', () => {
  it('are pictures and sound in the text, and what this server keeps', () => {
    expect(mediumOf('data:image/png;base64,AAAA')).toMatchObject({ kind: 'image' });
    expect(mediumOf('data:audio/wav;base64,AAAA')).toMatchObject({ kind: 'audio' });
    expect(mediumOf('@@@langfuseMedia:type=image/jpeg|id=a-b_1|source=bytes@@@')).toEqual({
      kind: 'image',
      url: '/media/a-b_1',
      label: 'image/jpeg a-b_1',
    });
  });

  it.each([
    'https://example.com/a.png',
    'javascript:alert(1)',
    'data:image/svg+xml;base64,AAAA',
    'data:text/html;base64,AAAA',
    'data:image/png,not-base64',
    '//example.com/a.png',
    '@@@langfuseMedia:type=image/png|id=../x|source=bytes@@@',
    'before @@@langfuseMedia:type=image/png|id=x|source=bytes@@@',
  ])('are not %s', (source) => expect(mediumOf(source)).toBeNull());

  it('are referred to inside a text', () => {
    expect(withReferences('a @@@langfuseMedia:type=text/html|id=x|source=bytes@@@ b')).toEqual([
      'a ',
      { kind: 'file', url: '/media/x', label: 'text/html x' },
      ' b',
    ]);
  });
});
