/** How the worker takes its libraries: what it relies on in their packages. */
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';

const require = createRequire(import.meta.url);

it('undici has a client that can be loaded without the rest', () => {
  for (const part of ['dispatcher/agent', 'dispatcher/pool', 'dispatcher/proxy-agent']) {
    expect(require(`undici/lib/${part}.js`)).toBeTypeOf('function');
  }
  for (const part of ['api/api-request', 'api/api-connect']) {
    expect(require(`undici/lib/${part}.js`)).toBeTypeOf('function');
  }
  expect(Object.keys(require.cache).some((file) => file.endsWith('undici/lib/web/fetch/index.js'))).toBe(
    false,
  );
});

it('piscina has the parts by which it is loaded in steps', () => {
  const requireInPiscina = createRequire(require.resolve('piscina'));
  for (const part of ['./task_queue', './worker_pool']) expect(requireInPiscina(part)).toBeTypeOf('object');
});
