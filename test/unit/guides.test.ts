/** The guides lead to pages and headings that are there, and the README stays short. */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorsOf, GUIDES, linksOf, readGuide } from '../support/guides.js';
import { REPOSITORY } from '../support/programs.js';

describe.each(GUIDES)('%s', (guide) => {
  it('has links that lead somewhere', () => {
    for (const link of linksOf(guide)) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? guide : posix.normalize(posix.join(posix.dirname(guide), path));
      expect(existsSync(join(REPOSITORY, target)), `${guide} links to ${link}`).toBe(true);
      if (anchor !== undefined) expect([...anchorsOf(target)], `${guide} links to ${link}`).toContain(anchor);
    }
  });
});

it('README.md has at most 150 lines', () => {
  expect(readGuide('README.md').split('\n').length).toBeLessThanOrEqual(150);
});
