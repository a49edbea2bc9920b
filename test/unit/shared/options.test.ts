/** The engine's options: what is said about those that cannot be used. */
import { describe, expect, it } from 'vitest';
import { type EngineInput, resolveEngineOptions } from '../../../src/shared/options.js';

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

  it('a revoked proxy is as wrong as anything else', () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    expect(resolve({ flushAt: proxy, worker: proxy, compression: proxy }).problems).toHaveLength(3);
  });
});
