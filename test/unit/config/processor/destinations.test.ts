/** Where spans go, by options and environment: which place, with which precedence, and what is said of nonsense. */
import { describe, expect, it } from 'vitest';
import type { SpanDestinationOptions } from '../../../../src/config/options/processor.js';
import { type Destination, resolveDestinations } from '../../../../src/config/processor/destinations.js';
import { isDefaultExportSpan } from '../../../../src/otel/span-filter.js';
import type { OtlpExporterOptions } from '../../../../src/shared/contract/otlp-options.js';

type Env = Record<string, string>;

function resolve(options: object, env: Env = {}) {
  const { destinations, problems, faults } = resolveDestinations(
    options as SpanDestinationOptions,
    env,
    isDefaultExportSpan,
  );
  return { destinations, problems, faults };
}

function only(options: object, env: Env = {}): Destination {
  const { destinations, problems } = resolve(options, env);
  expect(problems).toEqual([]);
  expect(destinations).toHaveLength(1);
  return destinations[0] as Destination;
}

function engineOf({ to }: Destination) {
  if (to.kind !== 'worker') throw new Error('an exporter of the application');
  return to.engine;
}

const otlpOf = (destination: Destination) => engineOf(destination).exporter.options as OtlpExporterOptions;
const otlp = (options: object, env: Env = {}) => otlpOf(only({ endpoint: 'http://c:4318', ...options }, env));
const fromEnv = (env: Env) => only({ protocol: 'http/protobuf' }, env);

const KEYS_AS_OPTIONS = { publicKey: 'pk', secretKey: 'sk' };
const KEYS = { LANGFUSE_PUBLIC_KEY: 'pk-env', LANGFUSE_SECRET_KEY: 'sk-env-secret' };
const exporter = { export() {}, shutdown: async () => {} };

describe('the place', () => {
  it.each<[string, object, Env, string]>([
    [
      'keys',
      { publicKey: 'pk', secretKey: 'sk' },
      {},
      'https://cloud.langfuse.com/api/public/otel/v1/traces',
    ],
    ['keys of the environment', {}, KEYS, 'https://cloud.langfuse.com/api/public/otel/v1/traces'],
    [
      'keys, and an OTLP endpoint in the environment',
      {},
      { ...KEYS, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' },
      'https://cloud.langfuse.com/api/public/otel/v1/traces',
    ],
    [
      'an OTLP endpoint of the environment alone',
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' },
      'http://c/v1/traces',
    ],
    ['an endpoint', { endpoint: 'http://c:4318/v1/traces' }, KEYS, 'http://c:4318/v1/traces'],
    ['a protocol', { protocol: 'http/json' }, KEYS, 'http://localhost:4318/v1/traces'],
    [
      'the address of a Langfuse server',
      { baseUrl: 'http://lf/' },
      { ...KEYS, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' },
      'http://lf/api/public/otel/v1/traces',
    ],
  ])('is chosen by %s', (_, options, env, url) => {
    expect(otlpOf(only(options, env)).url).toBe(url);
  });

  it('is the exporter of the application, before all else', () => {
    const { to, start, shouldExport } = only(
      { exporter },
      { ...KEYS, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' },
    );
    expect(to).toEqual({ kind: 'exporter', exporter, namesMedia: true });
    expect([start, shouldExport]).not.toContain(null);
  });

  it('of two in one is the endpoint, which is said', () => {
    const { destinations, problems } = resolve({ endpoint: 'http://c', publicKey: 'pk', secretKey: 'sk' });
    expect(destinations.map((one) => otlpOf(one).url)).toEqual(['http://c/v1/traces']);
    expect(problems).toEqual([expect.stringContaining('publicKey, secretKey ignored; for several places')]);
  });

  it('is none without keys and endpoint, which is said', () => {
    const { destinations, problems } = resolve({});
    expect(destinations).toEqual([]);
    expect(problems).toEqual([
      'no publicKey (LANGFUSE_PUBLIC_KEY) and no secretKey (LANGFUSE_SECRET_KEY), and no endpoint: no span is exported',
    ]);
  });

  it('is none with a key that no request can carry, which is an error', () => {
    const { destinations, problems, faults } = resolve({ publicKey: 'pk-lf-…', secretKey: 'sk' });
    expect({ destinations, problems }).toEqual({ destinations: [], problems: [] });
    expect(faults).toEqual([
      'option publicKey is a placeholder: it holds "…": take the keys from the project\'s settings in Langfuse; no span is exported to it',
    ]);
  });

  it('is never the Langfuse server in the place of an exporter that cannot be used', () => {
    const { destinations, problems } = resolve({ exporter: { url: 'http://x' } }, KEYS);
    expect(destinations).toEqual([]);
    expect(problems).toEqual([
      'option exporter must be a SpanExporter, but got: a value of type object; no span is exported',
    ]);
  });

  it('are several, with what is said for all of them, in order', () => {
    const { destinations, problems } = resolve(
      {
        flushAt: 7,
        mask: ({ data }: { data: unknown }) => data,
        destinations: [
          { publicKey: 'pk', secretKey: 'sk', baseUrl: 'http://lf' },
          { endpoint: 'http://c', flushAt: 9 },
        ],
      },
      KEYS,
    );
    expect(problems).toEqual([]);
    expect(destinations.map((one) => [otlpOf(one).url, one.queue.flushAt, one.mask !== null])).toEqual([
      ['http://lf/api/public/otel/v1/traces', 7, true],
      ['http://c/v1/traces', 9, true],
    ]);
    const beside = resolve({ endpoint: 'http://c', destinations: [{ endpoint: 'http://d' }] });
    expect(beside.problems).toEqual(['endpoint: ignored, as option destinations is given']);
    expect(resolve({ destinations: {} }).destinations).toEqual([]);
  });
});

describe('a Langfuse server', () => {
  it('gets the project’s keys, a filter, and the attributes of the start', () => {
    const env = { ...KEYS, LANGFUSE_TRACING_ENVIRONMENT: 'staging', LANGFUSE_RELEASE: 'r1' };
    const destination = only({ additionalHeaders: { 'X-Team': 'a' } }, env);
    const credentials = Buffer.from('pk-env:sk-env-secret').toString('base64');
    expect(otlpOf(destination)).toMatchObject({
      headers: {
        authorization: `Basic ${credentials}`,
        'x-langfuse-public-key': 'pk-env',
        'x-langfuse-ingestion-version': '4',
        'x-team': 'a',
      },
      secrets: ['sk-env-secret', credentials],
      langfuse: { publicKey: 'pk-env', baseUrl: 'https://cloud.langfuse.com', mediaUpload: true },
    });
    expect(destination.start).toEqual({ environment: 'staging', release: 'r1' });
    expect(destination.shouldExport).not.toBeNull();
  });

  it('shows no header of the application in a message', () => {
    const { secrets } = otlpOf(only({ additionalHeaders: { 'x-proxy': 'Bearer proxy-secret' } }, KEYS));
    expect(secrets).toEqual(expect.arrayContaining(['Bearer proxy-secret', 'proxy-secret']));
  });

  it('is not sent the headers that are meant for a collector', () => {
    const env = {
      ...KEYS,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=secret',
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/ca.pem',
    };
    const { headers = {}, tls } = otlpOf(only({}, env));
    expect([headers['api-key'], tls]).toEqual([undefined, undefined]);
  });

  it.each<[string, object, Env, Partial<Record<string, number>>]>([
    [
      'its defaults',
      {},
      {},
      { flushAt: 512, flushIntervalMs: 5000, requestTimeoutMs: 5000, flushTimeoutMs: 30_000 },
    ],
    [
      'options in seconds',
      { flushAt: 3, flushInterval: 2, timeout: 7 },
      {},
      { flushAt: 3, flushIntervalMs: 2000, requestTimeoutMs: 7000 },
    ],
    [
      'its variables, in seconds',
      {},
      { LANGFUSE_FLUSH_AT: '4', LANGFUSE_FLUSH_INTERVAL: '3', LANGFUSE_TIMEOUT: '9' },
      { flushAt: 4, flushIntervalMs: 3000, requestTimeoutMs: 9000 },
    ],
    [
      'those of OpenTelemetry after its own',
      {},
      { OTEL_BSP_SCHEDULE_DELAY: '250', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '20', LANGFUSE_FLUSH_AT: '4' },
      { flushAt: 4, flushIntervalMs: 250 },
    ],
    ['immediate mode', { exportMode: 'immediate', flushAt: 50 }, {}, { flushAt: 1 }],
  ])('takes %s', (_, options, env, expected) => {
    expect(engineOf(only(options, { ...KEYS, ...env }))).toMatchObject(expected);
  });

  it('takes media upload off by option and by variable', () => {
    const off = { ...KEYS, LANGFUSE_MEDIA_UPLOAD_ENABLED: 'false' };
    expect(otlpOf(only({}, off)).langfuse?.mediaUpload).toBe(false);
    expect(otlpOf(only({ mediaUploadEnabled: false }, KEYS)).langfuse?.mediaUpload).toBe(false);
    expect(otlpOf(only({ mediaUploadEnabled: true }, off)).langfuse?.mediaUpload).toBe(true);
  });
});

describe('an OTLP endpoint', () => {
  it.each<[string, object, Env, string]>([
    ['none', { protocol: 'http/protobuf' }, {}, 'http://localhost:4318/v1/traces'],
    ['an option without a path', { endpoint: 'https://c:1' }, {}, 'https://c:1/v1/traces'],
    ['an option with a path', { endpoint: 'https://c:1/otlp?a=b' }, {}, 'https://c:1/otlp?a=b'],
    ['the general variable', {}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://g' }, 'http://g/v1/traces'],
    [
      'the general variable with a slash',
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://g/' },
      'http://g/v1/traces',
    ],
    [
      'the general variable with a path',
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://g/my/' },
      'http://g/my/v1/traces',
    ],
    [
      'the variable for traces',
      {},
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/my/path' },
      'http://t/my/path',
    ],
    ['the variable for traces, bare', {}, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t' }, 'http://t/'],
    [
      'both variables',
      {},
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/x', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://g' },
      'http://t/x',
    ],
    [
      'an option and both',
      { endpoint: 'http://o/p' },
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t' },
      'http://o/p',
    ],
    [
      'an empty variable',
      { protocol: 'http/json' },
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ' ' },
      'http://localhost:4318/v1/traces',
    ],
  ])('has the address of %s', (_, options, env, url) => {
    expect(otlpOf(only(options, env)).url).toBe(url);
  });

  it('takes user and password from its address, as stock does, and not before a header', () => {
    const endpoint = 'http://user:p%40ss-word@c:4318';
    const basic = Buffer.from('user:p@ss-word').toString('base64');
    expect(otlp({ endpoint })).toMatchObject({
      url: 'http://c:4318/v1/traces',
      headers: { authorization: `Basic ${basic}` },
      secrets: [`Basic ${basic}`, basic],
    });
    expect(otlp({ endpoint, headers: { Authorization: 'mine' } }).headers).toEqual({ authorization: 'mine' });
  });

  it('merges headers key by key: general, for traces, option', () => {
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: 'a=general, b=general,c=general',
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'B=traces,c=traces',
    };
    expect(otlp({ headers: { C: 'option' } }, env).headers).toEqual({
      a: 'general',
      b: 'traces',
      c: 'option',
    });
  });

  it('reads headers as W3C baggage: percent-encoded, without metadata, equals signs in the value', () => {
    const env = { OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20dXNlcjpwdw==;meta=1,x-a = b%2Cc ,,' };
    expect(otlp({}, env).headers).toEqual({ authorization: 'Basic dXNlcjpwdw==', 'x-a': 'b,c' });
    expect(otlp({}, env).secrets).toEqual(['Basic dXNlcjpwdw==', 'dXNlcjpwdw==']);
  });

  it('leaves out an entry without an equals sign, with one warning that shows nothing of it', () => {
    const env = { OTEL_EXPORTER_OTLP_HEADERS: 'x-a=1,topsecret,x-b=2, Bearer topsecret ,' };
    const { destinations, problems } = resolve({ endpoint: 'http://c' }, env);
    expect(otlpOf(destinations[0] as Destination).headers).toEqual({ 'x-a': '1', 'x-b': '2' });
    expect(problems).toEqual([
      'OTEL_EXPORTER_OTLP_HEADERS must be a list of name=value, but got entries without = (number 2, 4; a comma in a value is %2C): leaving them out',
    ]);
  });

  it('sends what is not percent-encoded as it should be as it is, and says which header', () => {
    const env = { OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-a=50%topsecret,x-b=%41' };
    const { destinations, problems } = resolve({ endpoint: 'http://c' }, env);
    expect(otlpOf(destinations[0] as Destination).headers).toEqual({ 'x-a': '50%topsecret', 'x-b': 'A' });
    expect(problems).toEqual([
      'OTEL_EXPORTER_OTLP_TRACES_HEADERS must be percent-encoded, but got: another value for "x-a"; sending it as it is',
    ]);
  });

  it.each<[string, object, Env]>([
    ['option headers', { endpoint: 'http://c', headers: { 'x-api-key': 'top\nsecret' } }, {}],
    ['option additionalHeaders', { ...KEYS_AS_OPTIONS, additionalHeaders: { 'x-api-key': 'ключ' } }, {}],
    ['option headers', { ...KEYS_AS_OPTIONS, headers: { 'x-api-key': 'top\0secret' } }, {}],
    [
      'OTEL_EXPORTER_OTLP_HEADERS',
      { endpoint: 'http://c' },
      { OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=top%0Asecret' },
    ],
    [
      'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
      { endpoint: 'http://c' },
      { OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-api-key=%D0%BA%D0%BB%D1%8E%D1%87' },
    ],
  ])('exports nothing without a header that says who sends: %s', (source, options, env) => {
    const { destinations, problems, faults } = resolve(options, env);
    expect({ destinations, problems }).toEqual({ destinations: [], problems: [] });
    expect(faults).toEqual([
      `${source} has a value for "x-api-key" that no HTTP header can carry; no span is exported to it`,
    ]);
  });

  it('takes such a header from the option, whatever the variable says', () => {
    const env = { OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=top%0Asecret' };
    const { destinations, faults } = resolve({ endpoint: 'http://c', headers: { 'X-Api-Key': 'mine' } }, env);
    expect(otlpOf(destinations[0] as Destination).headers).toEqual({ 'x-api-key': 'mine' });
    expect(faults).toEqual([]);
  });

  it('names a header that no request can carry, and not its value', () => {
    const env = { OTEL_EXPORTER_OTLP_HEADERS: 'b d=topsecret,=topsecret' };
    const { destinations, problems } = resolve({ endpoint: 'http://c' }, env);
    expect(otlpOf(destinations[0] as Destination).headers).toEqual({});
    expect(problems).toEqual([
      expect.stringContaining('OTEL_EXPORTER_OTLP_HEADERS must hold HTTP headers'),
      expect.stringContaining('OTEL_EXPORTER_OTLP_HEADERS must hold HTTP headers'),
    ]);
    expect(problems.join()).not.toContain('topsecret');
  });

  it.each<[Env, object]>([
    [{}, { protocol: 'http/protobuf', compression: 'none', requestTimeoutMs: 10_000 }],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, { protocol: 'http/json' }],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' },
      { protocol: 'http/protobuf' },
    ],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }, { compression: 'gzip' }],
    [
      { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip', OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'none' },
      { compression: 'none' },
    ],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '2500' }, { requestTimeoutMs: 2500 }],
    [
      { OTEL_EXPORTER_OTLP_TIMEOUT: '2500', OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '700' },
      { requestTimeoutMs: 700 },
    ],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: '0' }, { requestTimeoutMs: 3_600_000 }],
  ])('reads %o', (env, expected) => {
    const destination = only({}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', ...env });
    const { protocol } = otlpOf(destination);
    const { compression, requestTimeoutMs } = engineOf(destination);
    expect({ protocol, compression, requestTimeoutMs }).toMatchObject(expected);
  });

  it('takes options before variables', () => {
    const env = {
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1',
    };
    const destination = only({ protocol: 'http/protobuf', compression: 'gzip', timeout: 4 }, env);
    expect(otlpOf(destination).protocol).toBe('http/protobuf');
    expect(engineOf(destination)).toMatchObject({ compression: 'gzip', requestTimeoutMs: 4000 });
  });

  it('with a certificate that is none trusts no server: nobody knows whom it was to trust', () => {
    const { destinations, problems } = resolve({ endpoint: 'https://c', certificate: 5 });
    expect(otlpOf(destinations[0] as Destination).tls).toEqual({ ca: '' });
    expect(problems).toEqual([expect.stringContaining('option certificate must be PEM text or a path')]);
  });

  it('has certificates of its variables, those for traces first, and of options', () => {
    const env = {
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/general.pem',
      OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: '/traces.pem',
      OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: '/client.pem',
      OTEL_EXPORTER_OTLP_CLIENT_KEY: '/client.key',
    };
    expect(otlp({}, env).tls).toEqual({ ca: '/traces.pem', cert: '/client.pem', key: '/client.key' });
    expect(otlp({ certificate: 'PEM' }, env).tls).toMatchObject({ ca: 'PEM' });
    expect(otlp({}).tls).toBeUndefined();
  });

  it('gets every span, without attributes of ours', () => {
    const { start, shouldExport } = only({ endpoint: 'http://c' });
    expect([start, shouldExport]).toEqual([null, null]);
  });

  it.each<[Env, string]>([
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      'OTEL_EXPORTER_OTLP_PROTOCOL must be one of http/protobuf, http/json, but got: "grpc"; using http/protobuf',
    ],
    [
      { OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' },
      'OTEL_EXPORTER_OTLP_TIMEOUT must be a number from 0 to 3600000, but got: "soon"; using the default',
    ],
    [
      { OTEL_BSP_SCHEDULE_DELAY: '-1' },
      'OTEL_BSP_SCHEDULE_DELAY must be a number from 0 to 86400000, but got: "-1"; using the default',
    ],
  ])('replaces nonsense in %o, and says so', (env, problem) => {
    const { destinations, problems } = resolve(
      { protocol: undefined },
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c', ...env },
    );
    expect(destinations).toHaveLength(1);
    expect(problems).toEqual([problem]);
  });
});

describe('an option that its place has no use for', () => {
  it.each<[object, string]>([
    [
      { exporter, mediaUploadEnabled: true },
      'mediaUploadEnabled: an exporter of your own gets spans as they are, and does the rest itself; ignored',
    ],
    [
      { exporter, maxEventBytes: 9999, timeout: 3, spoolDir: '/tmp/x', maxInFlight: 2, worker: true },
      'maxEventBytes, timeout, spoolDir, maxInFlight, worker: an exporter of your own gets spans as they are, and does the rest itself; ignored',
    ],
    [
      {
        endpoint: 'http://c',
        environment: 'test',
        release: 'r',
        mediaUploadEnabled: true,
        maxEventBytes: 9999,
      },
      'environment, release, mediaUploadEnabled, maxEventBytes: for a Langfuse server, and ignored for an OTLP endpoint',
    ],
  ])('of %o is named in one warning', (options, problem) => {
    expect(resolve(options).problems).toEqual([problem]);
  });

  it('is not named where the place does as it says, or it is for another place', () => {
    only({
      exporter,
      mediaUploadEnabled: false,
      handleSignals: false,
      worker: false,
      flushAt: 3,
      flushInterval: 1,
      maxQueueSize: 9,
      flushTimeoutMs: 9,
      flushAtExit: false,
      exitTimeoutMs: 9,
      environment: 'test',
      release: 'r',
    });
    const shared = { mediaUploadEnabled: true, environment: 'test', spoolDir: '/tmp/x' };
    const destinations = [{ publicKey: 'pk', secretKey: 'sk' }, { endpoint: 'http://c' }, { exporter }];
    expect(resolve({ ...shared, destinations }).problems).toEqual([]);
    expect(resolve({ destinations: [{ exporter, spoolDir: '/tmp/x' }] }).problems).toHaveLength(1);
  });
});

describe('the queue', () => {
  it('has the bounds of the batch processor’s variables', () => {
    const env = {
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_BSP_EXPORT_TIMEOUT: '2000',
      OTEL_BSP_MAX_QUEUE_SIZE: '300',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '30',
    };
    const destination = fromEnv(env);
    expect(destination.queue.maxQueueSize).toBe(300);
    expect(engineOf(destination)).toMatchObject({
      flushAt: 30,
      flushIntervalMs: 100,
      flushTimeoutMs: 2000,
      retryWindowMs: 2000,
    });
  });

  it('says which unit a long interval is read in', () => {
    const { destinations, problems } = resolve({ endpoint: 'http://c', flushInterval: 300 });
    expect(engineOf(destinations[0] as Destination).flushIntervalMs).toBe(300_000);
    expect(problems).toEqual([
      expect.stringMatching(/^option flushInterval is in seconds: 300 is read as 300 /),
    ]);
    expect(fromEnv({ OTEL_BSP_SCHEDULE_DELAY: '300' }).queue.flushIntervalMs).toBe(300);
  });

  it('is bounded by the ring where nobody says otherwise', () => {
    expect(fromEnv({}).queue.maxQueueSize).toBe(65_536);
    expect(only({ endpoint: 'http://c', ringBytes: 2 ** 20 }).queue.maxQueueSize).toBe(4096);
    expect(only({ endpoint: 'http://c', maxQueueSize: 10 }).queue).toMatchObject({
      maxQueueSize: 10,
      flushAt: 10,
    });
  });

  it('holds a batch, or the batch is cut', () => {
    const { destinations, problems } = resolve({ endpoint: 'http://c', maxQueueSize: 10, flushAt: 50 });
    expect(destinations[0]?.queue.flushAt).toBe(10);
    expect(problems).toEqual(['a batch of 50 spans is more than maxQueueSize allows; using 10']);
  });

  it('passes on workers, also under the older name', () => {
    expect(engineOf(only({ endpoint: 'http://c', workers: 3 })).workers).toBe(3);
    expect(engineOf(only({ endpoint: 'http://c', threads: 3 })).workers).toBe(3);
    expect(resolve({ exporter, threads: 3 }).problems).toEqual([expect.stringMatching(/^threads: /)]);
  });

  it('passes on what is the engine’s', () => {
    const options = {
      ringBytes: 2 ** 20,
      spoolDir: '/tmp/x',
      worker: false,
      maxInFlight: 3,
      retryWindowMs: 5,
    };
    expect(engineOf(only({ endpoint: 'http://c', ...options }))).toMatchObject(options);
  });
});

describe('an address that cannot be used', () => {
  const OTLP = 'must be an http(s) URL such as https://collector.example.com:4318, but got: ';
  it.each<[object, Env, string]>([
    [{ baseUrl: 'localhost:3000' }, KEYS, 'option baseUrl must be'],
    [{ baseUrl: 'localhost:3000' }, { ...KEYS, LANGFUSE_HOST: 'http://lf' }, 'option baseUrl must be'],
    [{}, { ...KEYS, LANGFUSE_HOST: 'localhost:3000' }, 'LANGFUSE_HOST must be'],
    [{ endpoint: 'collector:4318' }, {}, `option endpoint ${OTLP}"collector:4318"`],
    [{ endpoint: 'http:///v1/traces' }, {}, `option endpoint ${OTLP}`],
    [{ endpoint: 4318 }, { ...KEYS, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' }, `option endpoint ${OTLP}4318`],
    [
      {},
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'c:4318', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' },
      `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ${OTLP}"c:4318"`,
    ],
    [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'c:4318' }, `OTEL_EXPORTER_OTLP_ENDPOINT ${OTLP}"c:4318"`],
  ])('in %j with %j has no other in its place, and an error says so', (options, env, fault) => {
    const { destinations, problems, faults } = resolve(options, env);
    expect({ destinations, problems }).toEqual({ destinations: [], problems: [] });
    expect(faults).toEqual([expect.stringContaining(fault)]);
    expect(faults[0]).toMatch(/; no span is exported to it$/);
  });

  it('costs its own destination alone', () => {
    const { destinations, faults } = resolve({
      destinations: [{ publicKey: 'pk', secretKey: 'sk', baseUrl: 'lf' }, { endpoint: 'http://c' }],
    });
    expect(destinations.map((one) => otlpOf(one).url)).toEqual(['http://c/v1/traces']);
    expect(faults).toHaveLength(1);
  });

  it('is not one that is blank: it is as if it were not given', () => {
    expect(otlpOf(only({ endpoint: ' ' }, KEYS)).url).toBe(
      'https://cloud.langfuse.com/api/public/otel/v1/traces',
    );
    expect(otlpOf(only({ endpoint: '', protocol: 'http/json' })).url).toBe('http://localhost:4318/v1/traces');
    expect(otlpOf(only({ baseUrl: '' }, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c' })).url).toBe(
      'http://c/v1/traces',
    );
  });
});

describe('a mistake', () => {
  it('in a filter or a mask hides more, not less', () => {
    const { destinations, problems } = resolve({ endpoint: 'http://c', shouldExportSpan: 'no', mask: 'yes' });
    const span = { attributes: {} } as never;
    expect(destinations[0]?.shouldExport?.(span)).toBe(false);
    expect(destinations[0]?.mask?.({ data: 'secret' })).toBe('<fully masked due to failed mask function>');
    expect(problems).toHaveLength(2);
  });

  it('in options that cannot be read sends nothing', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(resolve(proxy, KEYS).destinations).toEqual([]);
    expect(resolve({ destinations: [proxy] }, KEYS).destinations).toEqual([]);
  });

  it('in a value that throws at each look costs that value alone', () => {
    const trap = (target: object) =>
      new Proxy(target, {
        get() {
          throw new Error('looked at');
        },
      });
    expect(resolve({ exporter: trap({}) }, KEYS)).toMatchObject({
      destinations: [],
      problems: ['option exporter must be a SpanExporter, but got: an unreadable value; no span is exported'],
    });
    expect(resolve({ destinations: trap([]) }, KEYS)).toMatchObject({
      destinations: [],
      problems: ['option destinations must be an array, but got: an unreadable value; no span is exported'],
    });
  });

  it('in a name is named', () => {
    expect(resolve({ endpoint: 'http://c', flushat: 1 }).problems).toEqual([
      'there is no option flushat; ignored',
    ]);
  });
});

it('an option of a destination under its older name comes before that of the processor, whichever name that has', () => {
  const destinations = [{ endpoint: 'http://collector:4318/v1/traces', threads: 1 }];
  for (const shared of [{ workers: 3 }, { threads: 3 }]) {
    expect(engineOf(only({ ...shared, destinations }))).toMatchObject({ workers: 1 });
  }
});

describe('several endpoints', () => {
  const list = ['http://a:4318', { url: 'http://b:4318/own', headers: { 'x-key': 'key-of-b' } }];

  it('share what is set beside them, and fail over by default', () => {
    expect(otlp({ endpoint: list, headers: { 'x-tenant': 't' } })).toMatchObject({
      url: 'http://a:4318/v1/traces',
      headers: { 'x-tenant': 't' },
      balance: 'failover',
      others: [{ url: 'http://b:4318/own', headers: { 'x-tenant': 't', 'x-key': 'key-of-b' } }],
    });
    expect(otlp({ endpoint: list, balance: 'trace' })).toMatchObject({ balance: 'trace' });
  });

  it('go before the endpoint of the environment', () => {
    const { others, url } = otlp({ endpoint: list }, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://env' });
    expect([url, others?.length]).toEqual(['http://a:4318/v1/traces', 1]);
  });

  it('get nothing if one of them cannot be used', () => {
    const { destinations, faults } = resolve({ endpoint: ['http://a', 'b:4318'] });
    expect(destinations).toEqual([]);
    expect(faults).toEqual([
      expect.stringMatching(/^option endpoint\[1\] must be an http\(s\) URL.*; no span is exported to it$/),
    ]);
  });
});
