/** Which proxy a request goes through, by option and environment. */
import { describe, expect, it } from 'vitest';
import { resolveProxy } from '../../../../src/config/connection.js';
import { createNoProxy } from '../../../../src/consumer/http/no-proxy.js';
import { createProxyChoice } from '../../../../src/consumer/http/proxies.js';
import type { ProxySetting } from '../../../../src/shared/proxy-url.js';

type Environment = Record<string, string>;

function choose(address: string, env: Environment, setting?: ProxySetting): unknown {
  const choice = createProxyChoice(setting, env)(new URL(address));
  if (choice === undefined) return 'none';
  return 'fault' in choice ? { fault: choice.fault } : `${choice.origin} by ${choice.source}`;
}

const HTTP = 'http://langfuse.test/';
const HTTPS = 'https://langfuse.test/';
const NONE = 'none';

describe('the environment', () => {
  it.each<[Environment, string, string]>([
    [{}, NONE, NONE],
    [{ http_proxy: 'http://p:1' }, 'http://p:1 by http_proxy', NONE],
    [{ HTTP_PROXY: 'http://p:1' }, 'http://p:1 by HTTP_PROXY', NONE],
    [{ https_proxy: 'http://p:1' }, NONE, 'http://p:1 by https_proxy'],
    [{ HTTPS_PROXY: 'http://p:1' }, NONE, 'http://p:1 by HTTPS_PROXY'],
    [{ all_proxy: 'http://p:1' }, 'http://p:1 by all_proxy', 'http://p:1 by all_proxy'],
    [{ ALL_PROXY: 'http://p:1' }, 'http://p:1 by ALL_PROXY', 'http://p:1 by ALL_PROXY'],
    [{ http_proxy: 'http://a:1', HTTP_PROXY: 'http://b:1' }, 'http://a:1 by http_proxy', NONE],
    [{ http_proxy: ' ', HTTP_PROXY: 'http://b:1' }, 'http://b:1 by HTTP_PROXY', NONE],
    [
      { HTTPS_PROXY: 'http://a:1', all_proxy: 'http://b:1' },
      'http://b:1 by all_proxy',
      'http://a:1 by HTTPS_PROXY',
    ],
    // A request's header to a CGI script.
    [{ HTTP_PROXY: 'http://p:1', REQUEST_METHOD: 'GET' }, NONE, NONE],
    [{ http_proxy: 'http://p:1', REQUEST_METHOD: 'GET' }, 'http://p:1 by http_proxy', NONE],
    [{ ALL_PROXY: 'p.test:3128' }, 'http://p.test:3128 by ALL_PROXY', 'http://p.test:3128 by ALL_PROXY'],
    [{ ALL_PROXY: 'http://p:1', NO_PROXY: 'langfuse.test' }, NONE, NONE],
    [
      { ALL_PROXY: 'http://p:1', no_proxy: 'other.test', NO_PROXY: 'langfuse.test' },
      'http://p:1 by ALL_PROXY',
      'http://p:1 by ALL_PROXY',
    ],
  ])('%j', (env, http, https) => {
    expect([choose(HTTP, env), choose(HTTPS, env)]).toEqual([http, https]);
  });

  it.each(['socks5://u:p4ss@p:1', 'ftp://u:p4ss@p:1', 'http://u:p4 ss@', 'http://%zz:p4ss@p'])(
    'lets nothing around %j, and says why without what it holds',
    (value) => {
      const { fault } = choose(HTTPS, { HTTPS_PROXY: value }) as { fault: string };
      expect(fault).toMatch(/^HTTPS_PROXY must be the URL of an HTTP proxy/);
      expect(fault).not.toContain('p4');
      // The other one is of no concern to it.
      expect(choose(HTTP, { HTTPS_PROXY: value })).toBe(NONE);
      expect(choose(HTTPS, { HTTPS_PROXY: value, NO_PROXY: '*' })).toBe(NONE);
      expect(choose(HTTPS, { HTTPS_PROXY: value }, false)).toBe(NONE);
    },
  );
});

describe('the option', () => {
  const env = { ALL_PROXY: 'http://environment:1', NO_PROXY: '*' };

  it.each(['http://p:1', new URL('http://p:1'), ' http://p:1 ', 'p:1'])('%s is for everything', (value) => {
    const setting = resolveProxy(value);
    expect(choose(HTTP, env, setting)).toBe('http://p:1 by option proxy');
    expect(choose(HTTPS, env, setting)).toBe('http://p:1 by option proxy');
  });

  it('false is for none', () => {
    expect(choose(HTTP, { ALL_PROXY: 'http://environment:1' }, resolveProxy(false))).toBe(NONE);
  });

  it.each([undefined, null, '', ' '])('%j leaves it to the environment', (value) => {
    expect(choose(HTTP, { ALL_PROXY: 'p:1' }, resolveProxy(value))).toBe('http://p:1 by ALL_PROXY');
  });

  it('lets nothing through where it cannot be used', () => {
    const values = [
      true,
      3128,
      {},
      () => 'http://p:1',
      Symbol('secret'),
      new Proxy(new URL('http://p:1'), {}),
      'socks5://user:s3cret@p:1',
      'socks://p:1',
      'http://user:s3 cret@p:1:1',
      'http://',
      'http://user:s3cret%@p:1',
      'file:///s3cret',
      's3cret s3cret',
    ];
    for (const value of values) {
      const { fault } = choose(HTTP, {}, resolveProxy(value)) as { fault: string };
      expect(fault).toMatch(/^option proxy must be the URL of an HTTP proxy, such as http:/);
      expect(fault).not.toContain('s3');
    }
  });
});

describe('NO_PROXY', () => {
  it.each([
    ['*', 'http://any.test', true],
    ['a.test, *', 'http://any.test', true],
    ['', 'http://any.test', false],
    ['langfuse.test', 'https://langfuse.test', true],
    ['LangFuse.Test', 'https://langfuse.test', true],
    ['langfuse.test', 'https://eu.langfuse.test', true],
    ['langfuse.test', 'https://mylangfuse.test', false],
    ['langfuse.test', 'https://langfuse.test.evil', false],
    ['.langfuse.test', 'https://eu.langfuse.test', true],
    ['*.langfuse.test', 'https://a.eu.langfuse.test', true],
    ['langfuse.test.', 'https://langfuse.test', true],
    ['langfuse.test', 'https://langfuse.test.', true],
    ['a.test,b.test c.test', 'http://b.test', true],
    ['a.test,b.test c.test', 'http://c.test', true],
    ['langfuse.test:443', 'https://langfuse.test', true],
    ['langfuse.test:443', 'http://langfuse.test', false],
    ['langfuse.test:8443', 'https://langfuse.test', false],
    ['.test:3000', 'http://langfuse.test:3000', true],
    ['127.0.0.1', 'http://127.0.0.1:3000', true],
    ['127.0.0.1:3000', 'http://127.0.0.1:3000', true],
    ['127.0.0.1:3000', 'http://127.0.0.1:3001', false],
    ['10.0.0.0/8', 'http://10.20.30.40', true],
    ['10.0.0.0/8', 'http://11.20.30.40', false],
    ['10.0.0.0/99', 'http://10.20.30.40', false],
    ['10.0.0.1-10.0.0.9', 'http://10.0.0.5', true],
    ['10.0.0.1-10.0.0.9', 'http://10.0.0.10', false],
    ['::1', 'http://[::1]:3000', true],
    ['[::1]', 'http://[::1]:3000', true],
    ['[::1]:3000', 'http://[::1]:3000', true],
    ['[::1]:3000', 'http://[::1]:3001', false],
    ['fd00::/8', 'http://[fd12::1]', true],
    ['bücher.test', 'http://bücher.test', true],
    ['example-10.test', 'http://example-10.test', true],
  ])('%j and %s: %s', (list, address, expected) => {
    expect(createNoProxy(list)(new URL(address))).toBe(expected);
  });
});
