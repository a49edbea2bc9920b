/** The options on what may leave the process: a mistake in them is named, and hides more rather than less. */
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/client-config.js';
import type { TailraceOptions } from '../../../src/config/options/client.js';
import { FULLY_MASKED } from '../../../src/records/masking.js';

const MiB = 1024 * 1024;

function resolve(options: TailraceOptions, env: Record<string, string> = {}) {
  const { engine, problems } = resolveConfig({ publicKey: 'pk', secretKey: 'sk', ...options }, env, '1');
  const { maxEventBytes, maskModule } = (engine?.exporter.options ?? {}) as Record<string, unknown>;
  return { maxEventBytes, maskModule, sideLaneBytes: engine?.sideLaneBytes, problems };
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

describe('an exporter of your own', () => {
  const exporter = { url: 'file:///exporter.js', options: { a: 1 } };
  const configOf = (options: TailraceOptions) => resolveConfig({ exporter, ...options }, {}, '1');

  it('does not do what the built-in one does, which is said', () => {
    expect(configOf({ mediaUpload: true, prices: [] }).problems).toEqual([
      'mediaUpload, prices: ignored with an exporter of your own, which gets values as they are after masking and redaction',
    ]);
    expect(configOf({ redact: false, mediaUpload: false, estimateUsage: false })).toMatchObject({
      problems: [],
      engine: { exporter },
    });
  });

  it('gets what is masked and redacted', () => {
    const { engine, problems } = configOf({ redact: ['email'], maskModule: 'file:///mask.js' });
    expect(problems).toEqual([]);
    expect(engine?.exporter).toEqual({
      url: 'masked',
      options: { ...exporter, maskModule: 'file:///mask.js', redact: { patterns: ['email'], paths: [] } },
    });
  });

  it('that is the built-in one masks by itself', () => {
    const { engine } = configOf({ exporter: { url: 'langfuse', options: { baseUrl: 'x' } }, redact: true });
    expect(engine?.exporter).toMatchObject({ url: 'langfuse', options: { baseUrl: 'x', redact: {} } });
  });
});

describe('a flag that sends something', () => {
  it.each(['disabled', 'never', 2])('is off where it cannot be read: %s', (value) => {
    const of = (options: object, env = {}) =>
      resolveConfig({ publicKey: 'pk', secretKey: 'sk', ...options } as TailraceOptions, env, '1');
    const uploads = (config: ReturnType<typeof of>) =>
      (config.engine?.exporter.options as { mediaUpload: boolean } | undefined)?.mediaUpload;
    expect(uploads(of({ mediaUpload: value }))).toBe(false);
    expect(uploads(of({}, { LANGFUSE_MEDIA_UPLOAD_ENABLED: String(value) }))).toBe(false);
    expect(of({ enabled: value }).engine).toBeUndefined();
    expect(of({}, { LANGFUSE_TRACING_ENABLED: String(value) })).toMatchObject({
      engine: undefined,
      problems: [expect.stringContaining('LANGFUSE_TRACING_ENABLED must be true or false')],
    });
  });
});

describe('an option whose name was to be one that masks', () => {
  it.each(['masks', 'maskmodule', 'mask_module', 'redaction', 'Redact', 'sanitize'])(
    '(%s) masks everything',
    (name) => {
      const options = { publicKey: 'pk', secretKey: 'sk', mask: () => 'as it is', [name]: true };
      const { mask, problems } = resolveConfig(options, {}, '1');
      expect(mask?.({ data: 'secret' } as never)).toBe(FULLY_MASKED);
      expect(problems).toEqual([expect.stringContaining(`there is no option ${name}`)]);
      expect(problems[0]).toContain('masking everything');
    },
  );
});
