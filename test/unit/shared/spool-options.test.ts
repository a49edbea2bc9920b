/** The options of the spool: what is usable, and what is said about the rest. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveEngineOptions } from '../../../src/shared/options.js';

const resolve = (spool: object) => resolveEngineOptions({ exporter: { url: 'x' }, ...spool });

describe('the options of the spool', () => {
  it('are none by default', () => {
    const { options, problems } = resolve({});
    expect(options).toMatchObject({ spool: 'failed', maxSpoolBytes: 512 * 1024 * 1024 });
    expect([options.spoolDir, problems]).toEqual([undefined, []]);
  });

  it('take a relative folder from the working directory', () => {
    const { options, problems } = resolve({ spoolDir: 'var/spool', spool: 'always', maxSpoolBytes: 2 ** 20 });
    expect(options).toMatchObject({
      spoolDir: join(process.cwd(), 'var/spool'),
      spool: 'always',
      maxSpoolBytes: 2 ** 20,
    });
    expect(problems).toEqual([]);
  });

  it.each([
    [{ spoolDir: 7 }, 'option spoolDir must be the path of a folder, but got: number; using none'],
    [{ spoolDir: ' ' }, 'option spoolDir must be the path of a folder, but got: " "; using none'],
    [{ spool: 'never' }, 'option spool must be one of failed, always, but got: "never"; using failed'],
    [
      { maxSpoolBytes: 1 },
      /^option maxSpoolBytes must be a whole number from 1048576 to \d+, but got: 1; using/,
    ],
  ])('%o is named', (given, message) => {
    expect(resolve(given).problems).toEqual([expect.stringMatching(message)]);
  });
});
