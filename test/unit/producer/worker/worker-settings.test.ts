/** The flags that a worker takes over from its process. Real workers are started, as they refuse wrong flags. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readFlags, readNodeOptions } from '../../../../src/producer/worker/node-flags.js';
import { workerSettings } from '../../../../src/producer/worker/worker-settings.js';

const exporter = { url: 'langfuse' };
const { execArgv } = process;

function settingsWith(flags: readonly string[], nodeOptions?: string, options = { exporter }) {
  process.execArgv = [...flags];
  vi.stubEnv('NODE_OPTIONS', nodeOptions);
  return workerSettings({ ...options, resourceLimits: undefined });
}

beforeEach(() => {
  for (const name of ['NODE_USE_SYSTEM_CA', 'NODE_USE_ENV_PROXY']) vi.stubEnv(name, undefined);
});

afterEach(() => {
  process.execArgv = execArgv;
  vi.unstubAllEnvs();
});

/** The message that `code` posts in a worker with these settings. */
function inWorker(settings: ReturnType<typeof settingsWith>, code: string): Promise<unknown> {
  const worker = new Worker(`require('node:worker_threads').parentPort.postMessage(${code})`, {
    eval: true,
    ...settings,
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
    worker.once('exit', (status) => reject(new Error(`exit ${status}`)));
  });
}

const NETWORK = `[
  require('node:tls').DEFAULT_MIN_VERSION,
  require('node:tls').DEFAULT_MAX_VERSION,
  require('node:dns').getDefaultResultOrder(),
  require('node:net').getDefaultAutoSelectFamily(),
  require('node:net').getDefaultAutoSelectFamilyAttemptTimeout(),
  require('node:http').maxHeaderSize,
]`;

const FLAGS = [
  '--tls-min-v1.0',
  '--tls-max-v1.2',
  '--dns-result-order=ipv6first',
  '--no-network-family-autoselection',
  '--network-family-autoselection-attempt-timeout=700',
  '--max-http-header-size=20000',
];
const EXPECTED = ['TLSv1', 'TLSv1.2', 'ipv6first', false, 700, 20_000];

describe('flags of the network', () => {
  it('reach the worker from the command line', async () => {
    expect(await inWorker(settingsWith(FLAGS), NETWORK)).toEqual(EXPECTED);
  });

  it('reach the worker from NODE_OPTIONS', async () => {
    const settings = settingsWith([], FLAGS.join(' '));
    expect(settings.env).not.toHaveProperty('NODE_OPTIONS');
    expect(await inWorker(settings, NETWORK)).toEqual(EXPECTED);
  });

  it('reach the worker in their other spelling', async () => {
    const flags = FLAGS.flatMap((flag) => flag.split('='));
    expect(await inWorker(settingsWith(flags), NETWORK)).toEqual(EXPECTED);
    const settings = settingsWith([], '--dns_result_order=ipv6first --tls_min-v1.0');
    expect(settings.execArgv).toEqual(['--dns-result-order=ipv6first', '--tls-min-v1.0']);
  });

  it('of the command line have precedence over NODE_OPTIONS', async () => {
    const settings = settingsWith(['--dns-result-order', 'ipv4first'], '--dns-result-order=ipv6first');
    expect(await inWorker(settings, "require('node:dns').getDefaultResultOrder()")).toBe('ipv4first');
  });

  it('and of modules are all accepted by a worker', async () => {
    const all = [
      ...FLAGS,
      '--tls-min-v1.1',
      '--tls-min-v1.2',
      '--tls-min-v1.3',
      '--tls-max-v1.3',
      '--network-family-autoselection',
      '--enable-network-family-autoselection',
      '--no-enable-network-family-autoselection',
      '--insecure-http-parser',
      '--conditions=development',
      '-C',
      'production',
      '--preserve-symlinks',
      '--preserve-symlinks-main',
      '--no-warnings',
      '--no-deprecation',
      '--disable-warning=DEP0123',
      '--enable-source-maps',
      `--tls-keylog=${join(tmpdir(), 'tailrace-keylog')}`,
    ];
    const settings = settingsWith(all);
    // As one argument each, without the two that contradict each other.
    expect(settings.execArgv).toHaveLength(all.length - 3);
    expect(settings.execArgv).toContain('--conditions=production');
    expect(await inWorker(settings, '1')).toBe(1);
  });

  it('that are for the whole process, or unknown, do not keep the worker from starting', async () => {
    const settings = settingsWith(
      [
        '--use-openssl-ca',
        '--use-bundled-ca',
        '--tls-cipher-list=ECDHE-RSA-AES128-GCM-SHA256',
        '--openssl-config=/nowhere',
        '--openssl-legacy-provider',
        '--enable-fips',
        '--max-old-space-size=100',
        '--permission',
        '--title=x',
        '--inspect',
        '--no-such-flag',
        '--dns-result-order=nonsense',
        '--max-http-header-size=many',
        '--dns-result-order',
      ],
      '--no-such-flag --max-http-header-size= --conditions',
    );
    expect(settings.execArgv).toEqual([]);
    expect(await inWorker(settings, '1')).toBe(1);
  });

  it('that workers of some versions refuse are passed on as a variable', async () => {
    expect(settingsWith(['--use-system-ca'], '--use-env-proxy').env).toMatchObject({
      NODE_USE_SYSTEM_CA: '1',
      NODE_USE_ENV_PROXY: '1',
    });
    expect(settingsWith(['--no-use-system-ca']).env).toMatchObject({ NODE_USE_SYSTEM_CA: '0' });
    expect(await inWorker(settingsWith(['--use-system-ca', '--use-env-proxy']), '1')).toBe(1);
  });
});

describe('preloads', () => {
  it('of instrumentation are left out, those of Plug’n’Play are not', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'tailrace-')), 'with a space');
    mkdirSync(folder);
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const pnp = write('.pnp.cjs', 'globalThis.loaded = [...(globalThis.loaded ?? []), "pnp"];');
    const loader = write('.pnp.loader.mjs', 'export {};');
    const instrumentation = write('instrument.cjs', 'globalThis.loaded = ["instrumentation"];');
    const settings = settingsWith(
      ['-r', instrumentation, '--import', pathToFileURL(instrumentation).href, '--import=tsx'],
      `--require ${JSON.stringify(pnp)} --experimental-loader ${pathToFileURL(loader).href} --require "${instrumentation}"`,
    );
    expect(settings.execArgv).toEqual([
      `--require=${pnp}`,
      `--experimental-loader=${pathToFileURL(loader).href}`,
    ]);
    expect(await inWorker(settings, 'globalThis.loaded')).toEqual(['pnp']);
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['langfuse', { maskModule: 'file:///app/mask.ts' }],
    ['langfuse', { maskModule: 'file:///app/mask.mts?v=1' }],
    ['file:///app/exporter.cts', undefined],
  ])('that load TypeScript are passed on for %s %j', (url, options) => {
    const flags = [
      '--require',
      '/app/node_modules/tsx/dist/preflight.cjs',
      '--import=file:///app/node_modules/tsx/dist/loader.mjs',
      '--require=ts-node/register',
      '--import=@swc-node/register/esm-register',
      '--require=./instrument.cjs',
    ];
    const wanted = [
      '--require=/app/node_modules/tsx/dist/preflight.cjs',
      '--import=file:///app/node_modules/tsx/dist/loader.mjs',
      '--require=ts-node/register',
      '--import=@swc-node/register/esm-register',
    ];
    expect(settingsWith(flags, undefined, { exporter: { url, options } as never }).execArgv).toEqual(wanted);
    expect(settingsWith(flags).execArgv).toEqual([]);
  });
});

describe('reading flags', () => {
  it.each([
    ['--a  --b', ['--a', '--b']],
    ['--require "./with space.cjs"', ['--require', './with space.cjs']],
    ['--require="./with \\"quote\\" \\\\.cjs"', ['--require=./with "quote" \\.cjs']],
    ['', []],
    ['"', []],
  ])('%j', (text, args) => {
    expect(readNodeOptions(text)).toEqual(args);
  });

  it('a value may be the next argument', () => {
    expect(readFlags(['-C', 'a', '--no-warnings', 'app.js', '--conditions=b'])).toMatchObject([
      { name: '--conditions', value: 'a', isOff: false },
      { name: '--warnings', value: undefined, isOff: true, text: '--no-warnings' },
      { name: '--conditions', value: 'b' },
    ]);
  });
});
