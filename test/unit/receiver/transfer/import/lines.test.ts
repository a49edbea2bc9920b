import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Line, linesOf as readLines } from '../../../../../src/receiver/transfer/import/lines.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailrace-lines-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function linesOf(content: string | Buffer, maxLineBytes?: number): Promise<Line[]> {
  const path = join(folder, 'file');
  writeFileSync(path, content);
  const lines: Line[] = [];
  for await (const line of readLines(createReadStream(path), maxLineBytes)) lines.push(line);
  return lines;
}

const textsOf = async (content: string | Buffer, maxLineBytes?: number) =>
  (await linesOf(content, maxLineBytes)).map(({ text }) => text);

describe('reading lines', () => {
  it('numbers them from 1, with or without a newline at the end', async () => {
    expect((await linesOf('a\nb\n')).map(({ number, text }) => `${number} ${text}`)).toEqual(['1 a', '2 b']);
    expect(await textsOf('a\n\nb')).toEqual(['a', '', 'b']);
    expect(await textsOf('')).toEqual([]);
  });

  it('joins lines that span many reads, and splits no character', async () => {
    const line = 'ä€🌊'.repeat(200_000);
    expect(await textsOf(`${line}\n${line}\n`)).toEqual([line, line]);
  });

  it('leaves out a byte order mark', async () => {
    expect(await textsOf('\ufeff{}\n')).toEqual(['{}']);
  });

  it('gives no text for a line over the limit, and goes on after it', async () => {
    expect(await textsOf(`${'x'.repeat(11)}\n${'y'.repeat(10)}\n${'z'.repeat(900_000)}`, 10)).toEqual([
      undefined,
      'yyyyyyyyyy',
      undefined,
    ]);
  });

  it('says how far it is', async () => {
    expect((await linesOf('a\nb')).at(-1)?.bytesRead).toBe(3);
  });

  it('rejects when there is no file', async () => {
    await expect(readLines(createReadStream(join(folder, 'none'))).next()).rejects.toThrow('ENOENT');
  });
});
