/** The engine's options: what is said about those that cannot be used. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveEngineOptions } from '../../../src/config/engine-options.js';
import type { EngineInput } from '../../../src/config/options/engine.js';

const resolve = (options: Record<string, unknown>) =>
  resolveEngineOptions({ exporter: { url: 'langfuse' }, ...options } as EngineInput);

describe('options of the engine', () => {
  it('resourceLimits: two numbers, or Node.js has its own', () => {
    const limits = { maxOldGenerationSizeMb: 64 };
    expect(resolve({ resourceLimits: limits })).toMatchObject({
      options: { resourceLimits: limits },
      problems: [],
    });
    for (const wrong of ['64', {}, { maxOldGenerationSizeMb: -1 }, { maxYoungGenerationSizeMb: () => 1 }]) {
      const { options, problems } = resolve({ resourceLimits: wrong });
      expect(options.resourceLimits).toBeUndefined();
      expect(problems).toEqual([expect.stringMatching(/^option resourceLimits must be .* but got: /)]);
    }
  });

  it('workers: also under the older name, without a warning; the new one wins', () => {
    expect(resolve({ threads: 3 })).toMatchObject({ options: { workers: 3 }, problems: [] });
    expect(resolve({ threads: 3, workers: 2 })).toMatchObject({ options: { workers: 2 }, problems: [] });
    expect(resolve({ threads: 0 })).toMatchObject({
      options: { workers: 1 },
      problems: ['option threads must be a whole number from 1 to 64, but got: 0; using 1'],
    });
  });

  it('null counts as not given', () => {
    expect(resolve({ flushAt: null, spool: null, worker: null, flushAtExit: null }).problems).toEqual([]);
  });

  it('a revoked proxy is as wrong as anything else', () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect(resolve({ flushAt: proxy, worker: proxy, compression: proxy }).problems).toHaveLength(3);
  });
});

describe('options of the spool', () => {
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
