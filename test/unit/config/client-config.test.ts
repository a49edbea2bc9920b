/** Options from the constructor and the environment, and what is said about those that cannot be used. */
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/config/client-config.js';
import type { TailraceOptions } from '../../../src/config/options/client.js';

const KEYS = { publicKey: 'pk', secretKey: 'sk' };
const resolve = (options: TailraceOptions, env: Record<string, string> = {}) =>
  resolveConfig(options, env, '1.0.0');

describe('config', () => {
  it('has defaults', () => {
    expect(resolve(KEYS)).toMatchObject({
      baseUrl: 'https://cloud.langfuse.com',
      flushIntervalMs: 5000,
      environment: null,
      release: null,
      problems: [],
    });
  });

  it('reads the environment, and the constructor wins', () => {
    const env = {
      LANGFUSE_PUBLIC_KEY: 'pk-env',
      LANGFUSE_SECRET_KEY: 'sk-env',
      LANGFUSE_BASE_URL: 'http://localhost:3000/',
      LANGFUSE_FLUSH_AT: '7',
      LANGFUSE_FLUSH_INTERVAL: '2',
      LANGFUSE_TRACING_ENVIRONMENT: 'staging',
      LANGFUSE_RELEASE: 'r9',
    };
    const fromEnv = resolve({}, env);
    expect(fromEnv).toMatchObject({
      baseUrl: 'http://localhost:3000',
      flushIntervalMs: 2000,
      environment: 'staging',
      release: 'r9',
      engine: {
        flushAt: 7,
        exporter: { url: 'langfuse', options: { publicKey: 'pk-env', secretKey: 'sk-env' } },
      },
    });
    expect(resolve({ flushAt: 3, flushInterval: 4, release: 'mine' }, env)).toMatchObject({
      flushIntervalMs: 4000,
      release: 'mine',
      engine: { flushAt: 3 },
    });
    expect(resolve(KEYS, { LANGFUSE_HOST: 'http://old.example.com' }).baseUrl).toBe('http://old.example.com');
  });

  it('takes an address and keys with blanks around them, an address as a URL, and an empty variable for none', () => {
    const { engine, baseUrl, problems } = resolve({
      publicKey: ' pk\n',
      secretKey: 'sk\n',
      baseUrl: ' http://x/lf/ \n',
    });
    expect({ baseUrl, problems }).toEqual({ baseUrl: 'http://x/lf', problems: [] });
    expect(engine?.exporter).toMatchObject({ options: { publicKey: 'pk', secretKey: 'sk' } });
    expect(resolve({ ...KEYS, baseUrl: new URL('http://x') as never }).baseUrl).toBe('http://x');
    expect(resolve(KEYS, { LANGFUSE_BASE_URL: '', LANGFUSE_HOST: 'http://y' }).baseUrl).toBe('http://y');
    expect(resolve({ ...KEYS, baseUrl: ' ' }, { LANGFUSE_HOST: 'http://y' })).toMatchObject({
      baseUrl: 'http://y',
      faults: [],
    });
  });

  it.each<[unknown, Record<string, string>, string]>([
    ['localhost:3000', {}, 'option baseUrl'],
    ['htp://localhost:3000', {}, 'option baseUrl'],
    ['https//langfuse.example.com', {}, 'option baseUrl'],
    ['https:/langfuse.example.com', {}, 'option baseUrl'],
    ['http://', {}, 'option baseUrl'],
    ['http:///project', {}, 'option baseUrl'],
    ['http://:3000', {}, 'option baseUrl'],
    ['http://x/?a=1', {}, 'option baseUrl'],
    ['langfuse.example.com', { LANGFUSE_HOST: 'http://other' }, 'option baseUrl'],
    [3000, {}, 'option baseUrl'],
    [false, {}, 'option baseUrl'],
    [{ href: 'http://x' }, {}, 'option baseUrl'],
    [undefined, { LANGFUSE_BASE_URL: 'localhost:3000', LANGFUSE_HOST: 'http://other' }, 'LANGFUSE_BASE_URL'],
    [undefined, { LANGFUSE_BASEURL: 'localhost:3000', LANGFUSE_HOST: 'http://other' }, 'LANGFUSE_BASEURL'],
    ['', { LANGFUSE_HOST: '//x' }, 'LANGFUSE_HOST'],
  ])('of the address %j with %j nothing goes anywhere, and an error says why', (baseUrl, env, name) => {
    const { engine, faults, problems, ...config } = resolve({ ...KEYS, baseUrl } as TailraceOptions, env);
    expect(engine).toBeUndefined();
    expect(config.baseUrl).toBe('');
    expect(problems).toEqual([]);
    expect(faults).toEqual([
      expect.stringMatching(
        /^(\S+ ?\S+) must be an http\(s\) URL such as https:\/\/langfuse\.example\.com, without a query, but got: .*; nothing is traced$/,
      ),
    ]);
    expect(faults[0]).toContain(`${name} must be`);
  });

  it('shows no password of an address that it cannot read', () => {
    const { faults } = resolve({ ...KEYS, baseUrl: 'user:hunter2@host:3000' });
    expect(faults).toHaveLength(1);
    expect(faults.join()).not.toContain('hunter2');
  });

  it('needs no address for an exporter of one’s own, or when it is off', () => {
    const url = 'file:///mine.js';
    const { engine, problems, faults } = resolve({ ...KEYS, baseUrl: 'nowhere', exporter: { url } });
    expect({ url: engine?.exporter.url, faults }).toEqual({ url, faults: [] });
    expect(problems).toEqual([expect.stringMatching(/^option baseUrl must be .*; using none$/)]);
    expect(resolve({ ...KEYS, baseUrl: 'nowhere', enabled: false })).toMatchObject({
      faults: [],
      problems: [],
    });
  });

  it('leaves user and password out of an address, and says so without them', () => {
    const { baseUrl, problems } = resolve({ ...KEYS, baseUrl: 'https://user:hunter2@host/lf/' });
    expect(baseUrl).toBe('https://host/lf');
    expect(problems).toEqual([
      'option baseUrl holds a user or a password, which is left out: requests carry the keys',
    ]);
  });

  it('reads a flush interval of 1000 or more as milliseconds, and says so', () => {
    const { flushIntervalMs, problems } = resolve({ ...KEYS, flushInterval: 1500 });
    expect(flushIntervalMs).toBe(1500);
    expect(problems).toEqual(['flushInterval is in seconds; 1500 is read as 1500 milliseconds']);
    expect(resolve({ ...KEYS, flushInterval: 0.5 })).toMatchObject({ flushIntervalMs: 500, problems: [] });
  });

  it('says which unit a long flush interval is read in, from a minute on', () => {
    const problem = (name: string) => [
      `${name} is in seconds: 300 is read as 300 seconds; 300 milliseconds would be 0.3`,
    ];
    expect(resolve({ ...KEYS, flushInterval: 300 })).toMatchObject({
      flushIntervalMs: 300_000,
      problems: problem('option flushInterval'),
    });
    expect(resolve(KEYS, { LANGFUSE_FLUSH_INTERVAL: '300' })).toMatchObject({
      flushIntervalMs: 300_000,
      problems: problem('LANGFUSE_FLUSH_INTERVAL'),
    });
    expect(resolve({ ...KEYS, flushInterval: 60 }).problems).toHaveLength(1);
    expect(resolve({ ...KEYS, flushInterval: 59.9, timeout: 300 }).problems).toEqual([]);
  });

  it('names an option that cannot be used, and takes the default', () => {
    const { problems, ...config } = resolve(
      { ...KEYS, flushInterval: -1, environment: 'Langfuse!', maxOpen: 0 },
      { LANGFUSE_FLUSH_AT: 'many' },
    );
    expect(config).toMatchObject({
      baseUrl: 'https://cloud.langfuse.com',
      flushIntervalMs: 5000,
      environment: null,
    });
    expect(problems).toEqual([
      'option flushInterval must be a number of at least 0.001, but got: -1; using 5',
      'LANGFUSE_FLUSH_AT must be a number from 1 to 100000, but got: "many"; using the default',
      expect.stringContaining('option environment must be'),
      'option maxOpen must be a number of at least 1, but got: 0; using 100000',
    ]);
  });

  it('is off without keys, with a problem, and off without one when asked to be', () => {
    expect(resolve({ publicKey: 'pk' })).toMatchObject({
      engine: undefined,
      problems: ['no secretKey (LANGFUSE_SECRET_KEY): nothing is traced'],
    });
    expect(resolve({ enabled: false })).toMatchObject({ engine: undefined, problems: [] });
    expect(resolve(KEYS, { LANGFUSE_TRACING_ENABLED: 'false' })).toMatchObject({
      engine: undefined,
      problems: [],
    });
  });

  it.each([
    [{ publicKey: 'pk-lf-…' }, {}, 'option publicKey is a placeholder: it holds "…"'],
    [{ secretKey: 'sk-lf-…' }, {}, 'option secretKey is a placeholder: it holds "…"'],
    [{ publicKey: undefined }, { LANGFUSE_PUBLIC_KEY: 'pk-\u2026' }, 'LANGFUSE_PUBLIC_KEY is a placeholder'],
    [{ secretKey: 'secret\u0451' }, {}, 'option secretKey holds a character that no HTTP header can carry'],
    [{ publicKey: 'pk\r\nx: y' }, {}, 'option publicKey holds a character that no HTTP header can carry'],
  ])('is off with a key that no request can carry, and names the option: %j %j', (keys, env, problem) => {
    const { engine, problems, faults } = resolve({ ...KEYS, ...keys }, env);
    expect({ engine, problems }).toEqual({ engine: undefined, problems: [] });
    expect(faults).toEqual([expect.stringMatching(/nothing is traced$/)]);
    expect(faults[0]).toContain(problem);
    expect(faults[0]).not.toMatch(/secret\u0451|-lf-|x: y/);
  });

  it('names both keys in one error, and neither where it is off or has another exporter', () => {
    const keys = { publicKey: 'pk-lf-…', secretKey: 'sk-lf-…' };
    expect(resolve(keys).faults).toEqual([
      'option publicKey is a placeholder: it holds "…"; option secretKey is a placeholder: it holds "…": ' +
        "take the keys from the project's settings in Langfuse; nothing is traced",
    ]);
    expect(resolve({ ...keys, enabled: false }).faults).toEqual([]);
    expect(resolve({ ...keys, exporter: { url: 'file:///own.js' } }).faults).toEqual([]);
  });

  it('never shows a secret', () => {
    const { problems } = resolve({ secretKey: 'sk-lf-very-secret' });
    const odd = resolve({ publicKey: 'pk', secretKey: ['sk-lf-very-secret'] as never });
    expect(problems).toHaveLength(1);
    expect([...problems, ...odd.problems].join()).not.toContain('sk-lf-very-secret');
  });

  it('reads each variable of Langfuse that it knows, and the constructor wins', () => {
    const env = {
      LANGFUSE_BASEURL: 'http://base',
      LANGFUSE_HOST: 'http://host',
      LANGFUSE_TIMEOUT: '3',
      LANGFUSE_SAMPLE_RATE: '0.25',
      LANGFUSE_DEBUG: 'True',
      LANGFUSE_LOG_LEVEL: 'ERROR',
    };
    expect(resolve(KEYS, env)).toMatchObject({
      baseUrl: 'http://base',
      sampleRate: 0.25,
      logLevel: 'debug',
      engine: { requestTimeoutMs: 3000 },
      problems: [],
    });
    expect(resolve(KEYS, { ...env, LANGFUSE_DEBUG: '' }).logLevel).toBe('error');
    const options = { ...KEYS, timeout: 2, sampleRate: 1, debug: false, logLevel: 'info' as const };
    expect(resolve(options, env)).toMatchObject({
      sampleRate: 1,
      logLevel: 'info',
      engine: { requestTimeoutMs: 2000 },
    });
  });

  it.each([
    [{ sampleRate: 1.5 }, 'option sampleRate must be a number from 0 to 1, but got: 1.5; using 1'],
    [
      { sampleRate: '0.5' as never },
      'option sampleRate must be a number from 0 to 1, but got: "0.5"; using 1',
    ],
    [{ debug: 'maybe' as never }, 'option debug must be true or false, but got: "maybe"; using false'],
    [
      { logLevel: 'loud' as never },
      'option logLevel must be one of warn, debug, info, error, none, but got: "loud"; using warn',
    ],
    [{ tags: 'one' as never }, 'option tags must be an array of texts, but got: "one"; using none'],
    [
      { mask: 'x' as never },
      'option mask must be a function, but is a value of type string; masking everything',
    ],
    [
      { maxEventBytes: 1 },
      'option maxEventBytes must be a number from 4096 to 134217728, but got: 1; using 1048576',
    ],
    [
      { protocol: 'grpc' as never },
      'option protocol must be one of otel, ingestion, but got: "grpc"; using otel',
    ],
    [{ timeout: 0 }, 'option timeout must be a number of at least 0.001, but got: 0; using the default'],
    [{ flushIntervall: 5 } as never, 'there is no option flushIntervall; ignored'],
  ] as [TailraceOptions, string][])('of %o says: %s', (options, problem) => {
    expect(resolve({ ...KEYS, ...options }).problems).toEqual([problem]);
  });

  it.each([
    [undefined, undefined, true],
    [undefined, '', true],
    [undefined, 'true', true],
    [undefined, 'False', false],
    [undefined, '0', false],
    [true, 'false', true],
    [false, 'true', false],
  ])('a flag of option %j and variable %j is %j', (mediaUpload, variable, expected) => {
    const env: Record<string, string> =
      variable === undefined ? {} : { LANGFUSE_MEDIA_UPLOAD_ENABLED: variable };
    const { engine, problems } = resolve({ ...KEYS, mediaUpload } as TailraceOptions, env);
    expect(engine?.exporter.options).toMatchObject({ mediaUpload: expected });
    expect(problems).toEqual([]);
  });

  it('a mask that is none masks everything: what it was to hide must not leak', () => {
    expect(resolve({ ...KEYS, mask: 'x' as never }).mask?.({ data: 'secret' } as never)).not.toContain(
      'secret',
    );
  });

  it('takes workers under the older name, without a warning', () => {
    expect(resolve({ ...KEYS, threads: 2 })).toMatchObject({ engine: { threads: 2 }, problems: [] });
  });

  it('takes the release from the platform where nobody says it', () => {
    expect(resolve(KEYS, { VERCEL_GIT_COMMIT_SHA: 'abc', GITHUB_SHA: 'def' }).release).toBe('abc');
    expect(resolve(KEYS, { GITHUB_SHA: 'def', LANGFUSE_RELEASE: 'r1' }).release).toBe('r1');
    expect(resolve({ ...KEYS, release: 'mine' }, { LANGFUSE_RELEASE: 'r1' }).release).toBe('mine');
  });
});

describe('options that are no use at all', () => {
  const revoked = (target: object = {}) => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };
  const trap = (name: string) => Object.defineProperty({}, name, { enumerable: true, get: () => fail() });
  const fail = () => {
    throw new Error('a getter');
  };
  const NAMES = [
    'baseUrl',
    'flushAt',
    'flushInterval',
    'timeout',
    'requestTimeout',
    'enabled',
    'sampleRate',
    'environment',
    'tags',
    'mask',
    'maxEventBytes',
    'logLevel',
    'debug',
    'additionalHeaders',
    'protocol',
    'maskModule',
    'redact',
    'mediaUpload',
    'estimateUsage',
    'prices',
    'maxOpen',
    'exporter',
  ];

  it.each(NAMES)('%s: a getter that throws, a revoked proxy: named once, and no exception', (name) => {
    for (const options of [trap(name), { [name]: revoked() }, { [name]: revoked([]) }]) {
      const { problems, faults } = resolve(
        Object.defineProperties({ ...KEYS }, Object.getOwnPropertyDescriptors(options)),
      );
      expect([...faults, ...problems]).toEqual([expect.stringContaining(`option ${name} must be`)]);
    }
  });

  it('looks into what it is given no deeper than it can', () => {
    const options = { redact: trap('patterns'), prices: [trap('model')], exporter: trap('url') };
    for (const [name, value] of Object.entries(options)) {
      const { problems } = resolve({ ...KEYS, [name]: value });
      expect(problems).toEqual([expect.stringContaining(`option ${name} must be`)]);
    }
  });

  it('that cannot be read at all may have said what to mask: nothing is traced', () => {
    const { engine, problems } = resolve(revoked(), { LANGFUSE_PUBLIC_KEY: 'pk', LANGFUSE_SECRET_KEY: 'sk' });
    expect({ engine, problems }).toEqual({
      engine: undefined,
      problems: ['the options cannot be read: nothing is traced'],
    });
    expect(resolve('sk-lf' as never).problems[0]).toBe(
      'the options must be an object, but got: "sk-lf"; using the defaults',
    );
  });

  it('an exporter that is none: what was meant for it does not go to the Langfuse server', () => {
    const { engine, problems } = resolve({ ...KEYS, exporter: './mine.js' as never });
    expect(engine).toBeUndefined();
    expect(problems).toEqual([
      "option exporter must be 'clickhouse' or 'nats' or 'otlp' or 'redis' or {url, options?} with a string or URL, but got: \"./mine.js\"; nothing is traced",
    ]);
    expect(resolve({ ...KEYS, exporter: null as never }).engine?.exporter.url).toBe('langfuse');
  });

  it.each(['authorization', 'x-api-key', 'X-Auth-Token', 'cookie', 'x-scope-orgid'])(
    'without the header %s, by which the sender is known, nothing is sent',
    (name) => {
      for (const value of ['schlüssel\n', 'tok\nen', 'ключ', 'tok\0en', 'tok\ren', ['token']]) {
        const { engine, faults, problems } = resolve({
          ...KEYS,
          additionalHeaders: { [name]: value } as never,
        });
        if (value === 'schlüssel\n') {
          expect({ engine: engine !== undefined, faults, problems }).toEqual({
            engine: true,
            faults: [],
            problems: [],
          });
          continue;
        }
        expect({ engine, problems }).toEqual({ engine: undefined, problems: [] });
        expect(faults).toEqual([
          `option additionalHeaders has a value for "${name}" that no HTTP header can carry; nothing is traced`,
        ]);
      }
    },
  );

  it('a header that would say of a body what it is not is left out', () => {
    const { engine, problems } = resolve({ ...KEYS, additionalHeaders: { 'Content-Encoding': 'br' } });
    expect(engine?.exporter.options).toMatchObject({ additionalHeaders: {} });
    expect(problems).toEqual([expect.stringContaining('"Content-Encoding"')]);
  });

  it('headers that no request can carry are left out, and their values not shown', () => {
    const headers = (additionalHeaders: unknown) => {
      const { engine, problems } = resolve({ ...KEYS, additionalHeaders: additionalHeaders as never });
      return { ...(engine?.exporter.options as { additionalHeaders?: object }), problems };
    };
    expect(headers({ a: 'x ', b: undefined, c: 5 })).toMatchObject({
      additionalHeaders: { a: 'x', c: '5' },
      problems: [],
    });
    expect(headers(new Headers({ a: 'x' }))).toMatchObject({ additionalHeaders: { a: 'x' }, problems: [] });
    const wrong = headers({ a: 'tok\nen', 'b c': 'token', upgrade: 'token', d: () => 'token', e: 'kept' });
    expect(wrong.additionalHeaders).toEqual({ e: 'kept' });
    expect(wrong.problems).toHaveLength(4);
    expect(wrong.problems.join()).not.toMatch(/tok/);
    expect(headers('a: b').problems).toEqual([expect.stringMatching(/^option additionalHeaders must be /)]);
  });
});

it('names where a wrong environment comes from', () => {
  expect(resolve({ ...KEYS, environment: 'Prod' }).problems[0]).toMatch(/^option environment must be/);
  expect(resolve(KEYS, { LANGFUSE_TRACING_ENVIRONMENT: 'Prod' }).problems[0]).toMatch(
    /^LANGFUSE_TRACING_ENVIRONMENT must be/,
  );
});

it('numbers in variables are decimal', () => {
  const { sampleRate, problems } = resolveConfig(
    { publicKey: 'pk-lf-1', secretKey: 'sk-lf-1' },
    { LANGFUSE_SAMPLE_RATE: '0x0' },
    '0.0.0',
  );
  expect(sampleRate).toBe(1);
  expect(problems).toEqual(['LANGFUSE_SAMPLE_RATE must be a number from 0 to 1, but got: "0x0"; using 1']);
});
