import { describe, expect, it } from 'vitest';
import { accessOf, parseArguments, UsageError } from '../../../src/cli/arguments.js';

describe('the command line', () => {
  it('runs the demo on the sample agent, once, in memory, unless told otherwise', () => {
    expect(parseArguments(['demo'])).toEqual({
      name: 'demo',
      options: {
        file: undefined,
        once: false,
        json: false,
        repeat: 1,
        port: undefined,
        dataDir: undefined,
      },
    });
  });

  it('takes options before and after the file', () => {
    const words = ['demo', '--once', 'runs.jsonl', '--json', '--repeat', '3', '--port=0', '--data', 'kept'];
    expect(parseArguments(words)).toEqual({
      name: 'demo',
      options: { file: 'runs.jsonl', once: true, json: true, repeat: 3, port: 0, dataDir: 'kept' },
    });
  });

  it('takes the address of a Redis server for the demo', () => {
    const { options } = parseArguments(['demo', '--through', 'redis://127.0.0.1:6379']) as {
      options: object;
    };
    expect(options).toMatchObject({ through: 'redis://127.0.0.1:6379' });
    expect(() => parseArguments(['demo', '--through', ''])).toThrow(
      '--through must be redis://HOST:PORT, but got: ""',
    );
  });

  it('keeps what dev receives in .tailrace, up to 2048 MiB and for ever, unless told otherwise', () => {
    expect(parseArguments(['dev'])).toEqual({
      name: 'dev',
      options: { dataDir: '.tailrace', maxMib: 2048, open: false, strict: false, quiet: false },
    });
  });

  it('gives dev its address, its folder, its bounds and its keys', () => {
    const words = ['--host', '0.0.0.0', '--port', '4000', '--data', 'kept', '--max-mb', '64', '--retention'];
    const keys = ['--public-key', 'pk', '--secret-key', 'sk', '--open'];
    expect(parseArguments(['dev', ...words, '7d', ...keys])).toMatchObject({
      options: {
        host: '0.0.0.0',
        port: 4000,
        dataDir: 'kept',
        maxMib: 64,
        retentionMs: 7 * 86_400_000,
        publicKey: 'pk',
        secretKey: 'sk',
        open: true,
      },
    });
  });

  it('gives mcp the place of its traces', () => {
    expect(parseArguments(['mcp'])).toEqual({ name: 'mcp', options: { access: { dataDir: '.tailrace' } } });
    expect(parseArguments(['mcp', '--url', 'http://a', '--public-key', 'pk'])).toMatchObject({
      options: { access: { url: 'http://a', publicKey: 'pk' } },
    });
    expect(parseArguments(['help', 'mcp'])).toEqual({ name: 'help', of: 'mcp', isAsked: true });
    expect(() => parseArguments(['mcp', 'x'])).toThrow('one argument too many: "x"; see: tailrace help mcp');
  });

  it('gives clickhouse-schema the names of its tables', () => {
    expect(parseArguments(['clickhouse-schema'])).toEqual({ name: 'clickhouse-schema', options: {} });
    const words = ['--database', 'd', '--prefix', '', '--ttl-days', '30'];
    expect(parseArguments(['clickhouse-schema', ...words])).toEqual({
      name: 'clickhouse-schema',
      options: { database: 'd', tablePrefix: '', ttlDays: 30 },
    });
    expect(() => parseArguments(['clickhouse-schema', '--ttl-days', '0'])).toThrow('--ttl-days must be');
  });

  it('lets dev keep nothing', () => {
    expect(parseArguments(['dev', '--memory'])).toMatchObject({ options: { dataDir: undefined } });
    const store = 'clickhouse://host/db';
    expect(parseArguments(['dev', '--store', store])).toMatchObject({
      options: { dataDir: undefined, store },
    });
    expect(parseArguments(['mcp', '--store', store])).toMatchObject({ options: { access: { store } } });
  });

  it.each([
    ['30m', 30 * 60_000],
    ['12h', 12 * 3_600_000],
    ['1d', 86_400_000],
    ['2w', 14 * 86_400_000],
  ])('reads %s as a retention', (text, retentionMs) => {
    expect(parseArguments(['dev', '--retention', text])).toMatchObject({ options: { retentionMs } });
  });

  it('gives strictness to dev alone', () => {
    expect(parseArguments(['dev', '--strict'])).toMatchObject({ options: { strict: true } });
    expect(() => parseArguments(['demo', '--strict'])).toThrow("Unknown option '--strict'");
  });

  it.each([
    [['--help'], undefined],
    [['-h'], undefined],
    [['help'], undefined],
    [['help', 'dev'], 'dev'],
    [['help', 'demo'], 'demo'],
    [['demo', '--help'], 'demo'],
    [['dev', '-h', '--port', '1'], 'dev'],
  ])('shows the help for %j', (words, of) => {
    expect(parseArguments(words)).toEqual({ name: 'help', of, isAsked: true });
  });

  it('shows the help to an empty command line, which has not asked for it', () => {
    expect(parseArguments([])).toEqual({ name: 'help', isAsked: false });
  });

  it.each([[['--version']], [['-v']], [['demo', '--version']]])('shows the version for %j', (words) => {
    expect(parseArguments(words)).toEqual({ name: 'version' });
  });

  it.each([
    [
      ['help', 'serve'],
      'there is help for dev, demo, mcp, import, export, tail, show, forward, clickhouse-schema, but not for: "serve"',
    ],
    [
      ['serve'],
      'the command must be one of dev, demo, mcp, import, export, tail, show, forward, clickhouse-schema, but got: "serve"',
    ],
    [['--fast'], "Unknown option '--fast'"],
    [['demo', '--fast'], "Unknown option '--fast'"],
    [['dev', '--once'], "Unknown option '--once'"],
    [['demo', 'a.jsonl', 'b.jsonl'], 'one argument too many: "b.jsonl"'],
    [['dev', 'a.jsonl'], 'one argument too many: "a.jsonl"; see: tailrace help dev'],
    [['demo', '--once=yes'], "Option '--once' does not take an argument"],
    [['demo', '--port'], "Option '--port <value>' argument missing"],
    [['demo', '--port', 'http'], '--port must be a whole number from 0 to 65535, but got: "http"'],
    [['demo', '--port', '65536'], '--port must be a whole number from 0 to 65535, but got: "65536"'],
    [['demo', '--repeat', '0'], '--repeat must be a whole number from 1 to 1000000, but got: "0"'],
    [['demo', '--repeat', '1.5'], '--repeat must be a whole number'],
    [['dev', '--max-mb', '7'], '--max-mb must be a whole number from 8 to 1048576, but got: "7"'],
    [['dev', '--retention', '7'], '--retention must be a duration such as 30m, 12h, 7d or 2w, but got: "7"'],
    [
      ['dev', '--retention', '0d'],
      '--retention must be a duration such as 30m, 12h, 7d or 2w, but got: "0d"',
    ],
    [['dev', '--memory', '--data', 'kept'], '--memory keeps nothing and --data a folder: give one of them'],
    [['dev', '--store', 'clickhouse://h', '--max-mb', '9'], '--max-mb is about a folder: leave it out'],
    [['mcp', '--store', 'clickhouse://h', '--url', 'http://h'], '--store names tables, beside which'],
    [['dev', '--host', ''], '--host must be an address or a name, but got: ""'],
    [['demo', '--memory'], "Unknown option '--memory'"],
    [['dev', '--prices', ''], '--prices must be a file, but got: ""'],
    [['demo', '--data', ''], '--data must be a folder, but got: ""'],
  ])('refuses %j', (words, message) => {
    expect(() => parseArguments(words)).toThrow(UsageError);
    expect(() => parseArguments(words)).toThrow(message);
  });
});

describe('where a command finds its traces', () => {
  it('is .tailrace unless told otherwise', () => {
    expect(accessOf({}, 'see')).toEqual({ dataDir: '.tailrace' });
    expect(accessOf({ data: 'kept' }, 'see')).toEqual({ dataDir: 'kept' });
  });

  it('is a server by URL, with keys', () => {
    const keys = { 'public-key': 'pk', 'secret-key': 'sk' };
    expect(accessOf({ url: 'HTTPS://Example.com/base/', ...keys }, 'see')).toMatchObject({
      url: 'https://example.com/base',
      publicKey: 'pk',
      secretKey: 'sk',
    });
  });

  it.each([
    [{ url: 'http://a', data: 'b' }, '--url names a server and --data a folder: give one of them; see'],
    [{ url: '' }, '--url must be an address such as http://127.0.0.1:3210, but got: ""'],
    [{ url: 'localhost:3210' }, '--url must be an address'],
    [{ url: 'http://a/?b' }, '--url must be an address'],
    [{ url: 'http://pk:secret@a' }, '--url must hold no user or password'],
    [{ data: '' }, '--data must be a folder'],
    [{ 'secret-key': '' }, '--secret-key must be a key'],
  ])('is not %j', (values, message) => {
    expect(() => accessOf(values, 'see')).toThrow(UsageError);
    expect(() => accessOf(values, 'see')).toThrow(message);
    expect(() => accessOf(values, 'see')).not.toThrow('secret@');
  });
});
