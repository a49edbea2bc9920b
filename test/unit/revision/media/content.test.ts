/** Files as media: read to be named, and read again to be sent. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { mediaOfBytes, mediaOfFile } from '../../../../src/revision/media/content.js';

function pathFor(content: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-media-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'file'), content);
  return join(folder, 'file');
}

it('a file of several chunks is the same media as its bytes', () => {
  const content = Buffer.alloc(700_000, 'content');
  const media = mediaOfFile('image/png', pathFor(content));
  const ofBytes = mediaOfBytes('image/png', content);
  expect({ ...media, read: 0 }).toEqual({ ...ofBytes, read: 0, heldBytes: 0 });
  expect(ofBytes.heldBytes).toBe(700_000);
  expect(media.read()).toEqual(content);
});

it('a file that changes before it is sent is not sent under the name of what it was', () => {
  const path = pathFor(Buffer.from('before'));
  const media = mediaOfFile('image/png', path);
  writeFileSync(path, 'behind');
  expect(() => media.read()).toThrow('the file has changed');
});

it.skipIf(process.platform === 'win32')('a pipe that nobody writes to is refused, and not waited for', () => {
  const path = join(pathFor(Buffer.from('beside')), '../pipe');
  execFileSync('mkfifo', [path]);
  expect(() => mediaOfFile('image/png', path)).toThrow('not a regular file');
});

it.each(['/', '/dev/null', '/nowhere'])('what is no file with content is refused: %s', (path) => {
  expect(() => mediaOfFile('image/png', path)).toThrow();
});
