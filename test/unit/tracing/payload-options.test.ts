/** The options on what may leave the process: a mistake in them is named, and hides more rather than less. */
import { describe, expect, it } from 'vitest';
import { READY_PATTERNS } from '../../../src/shared/redaction.js';
import { resolveConfig } from '../../../src/tracing/config.js';
import type { TailraceOptions } from '../../../src/tracing/options.js';

const MiB = 1024 * 1024;

function resolve(options: TailraceOptions, env: Record<string, string> = {}) {
  const { engine, problems } = resolveConfig({ publicKey: 'pk', secretKey: 'sk', ...options }, env, '1');
  const { maxEventBytes, maskModule, redact } = (engine?.exporter.options ?? {}) as Record<string, unknown>;
  return { maxEventBytes, maskModule, redact, sideLaneBytes: engine?.sideLaneBytes, problems };
}

describe('maxEventBytes', () => {
  it('is 1 MiB, or what the constructor says, or the variable of Langfuse', () => {
    const env = { LANGFUSE_MAX_EVENT_SIZE_BYTES: '2000000' };
    expect(resolve({}).maxEventBytes).toBe(MiB);
    expect(resolve({}, env).maxEventBytes).toBe(2_000_000);
    expect(resolve({ maxEventBytes: 5000 }, env).maxEventBytes).toBe(5000);
  });

  it('raised, makes room beside the ring, unless that has been given', () => {
    expect(resolve({}).sideLaneBytes).toBe(64 * MiB);
    expect(resolve({ maxEventBytes: 100 * MiB }).sideLaneBytes).toBe(400 * MiB);
    expect(resolve({ maxEventBytes: 100 * MiB, sideLaneBytes: MiB }).sideLaneBytes).toBe(MiB);
  });

  it.each([0, 1000, 1e12, '5000', null, Number.NaN])('of %s is named, and 1 MiB', (value) => {
    const { maxEventBytes, problems } = resolve({ maxEventBytes: value as number });
    expect(maxEventBytes).toBe(MiB);
    if (value !== null)
      expect(problems).toEqual([expect.stringMatching(/^option maxEventBytes must be .* but got: /)]);
  });
});

describe('maskModule', () => {
  it('is a URL, or an absolute path', () => {
    expect(resolve({}).maskModule).toBeUndefined();
    expect(resolve({ maskModule: new URL('file:///app/mask.js') }).maskModule).toBe('file:///app/mask.js');
    expect(resolve({ maskModule: 'file:///app/mask.js' }).maskModule).toBe('file:///app/mask.js');
    expect(resolve({ maskModule: '/app/a mask.js' }).maskModule).toBe('file:///app/a%20mask.js');
  });

  it.each(['./mask.js', 'mask', '', 42, () => 'x'])('of %s is named, and masks everything', async (value) => {
    const { maskModule, problems } = resolve({ maskModule: value as string });
    expect(problems).toEqual([expect.stringContaining('masking everything')]);
    await expect(import(maskModule as string)).rejects.toThrow();
  });
});

describe('redact', () => {
  const all = { patterns: READY_PATTERNS, paths: [] };

  it('is off, or all ready patterns, or what is asked for', () => {
    expect(resolve({}).redact).toBeUndefined();
    expect(resolve({ redact: false }).redact).toBeUndefined();
    expect(resolve({ redact: true }).redact).toEqual(all);
    expect(resolve({ redact: {} }).redact).toEqual(all);
    expect(resolve({ redact: { paths: ['input.a'] } }).redact).toEqual({ patterns: [], paths: ['input.a'] });
    expect(
      resolve({ redact: { patterns: ['email', /a/, { pattern: /b/, replacement: 'c' }], replacement: 'x' } }),
    ).toMatchObject({
      redact: {
        patterns: ['email', { pattern: /a/ }, { pattern: /b/, replacement: 'c' }],
        paths: [],
        replacement: 'x',
      },
      problems: [],
    });
  });

  it.each([['email'], 'email', 42, /a/])('of %s is named, and all ready patterns', (value) => {
    const { redact, problems } = resolve({ redact: value as never });
    expect(redact).toEqual(all);
    expect(problems).toEqual([expect.stringMatching(/^option redact must be .* but got: /)]);
  });

  it('with a pattern that is none is named, and has all ready patterns besides its own', () => {
    const { redact, problems } = resolve({ redact: { patterns: ['emial' as never, /a/, 'card'] } });
    expect(redact).toMatchObject({ patterns: [...READY_PATTERNS, { pattern: /a/ }] });
    expect(problems).toEqual([expect.stringContaining('but got: "emial"')]);
  });

  it('with a path that begins nowhere is named, and reaches any depth', () => {
    const { redact, problems } = resolve({
      redact: { paths: ['password', '**.a', 'Metadata.b', 5 as never] },
    });
    expect(redact).toMatchObject({ paths: ['**.password', '**.a', 'Metadata.b'] });
    expect(problems).toHaveLength(2);
  });
});

it('an exporter of your own is not masked, nor does what the built-in one does, which is said', () => {
  const exporter = { url: 'file:///exporter.js' };
  const problemsOf = (options: TailraceOptions) => resolveConfig({ exporter, ...options }, {}, '1').problems;
  expect(problemsOf({ redact: true, mediaUpload: true, prices: [] })).toEqual([
    'redact, mediaUpload, prices: of the langfuse exporter, and ignored; an exporter of your own gets all as it is',
  ]);
  expect(problemsOf({ redact: false, mediaUpload: false, estimateUsage: false })).toEqual([]);
});

describe('redact with a mistake in it', () => {
  it.each<[string, unknown]>([
    ['no usable path', { paths: [5] }],
    ['no path', { paths: null }],
    ['one path of two', { paths: ['input.a', ''] }],
    ['a misspelt name', { path: ['input.ssn'] }],
    ['a misspelt name beside a pattern', { patterns: ['email'], path: ['input.ssn'] }],
  ])('(%s) looks for all ready patterns', (_, redact) => {
    const resolved = resolve({ redact: redact as never });
    expect(resolved.redact).toMatchObject({ patterns: READY_PATTERNS });
    if ((redact as { paths?: unknown }).paths !== null) expect(resolved.problems).toHaveLength(1);
  });
});
