/** Requests whose host must not be at any address: what is connected to is what was asked about. */
import type { LookupAddress } from 'node:dns';
import { describe, expect, it, onTestFinished } from 'vitest';
import { guardedLookup } from '../../../../src/consumer/http/guarded-lookup.js';
import { createHttpTransport } from '../../../../src/consumer/http/http-transport.js';
import type { AddressGuard } from '../../../../src/shared/contract/exporter.js';
import { startSink } from '../../../support/sink.js';

const limits = { requestTimeoutMs: 5_000, maxInFlight: 2 };

async function sendGuarded(host: string, guard: AddressGuard, proxy: string | false = false) {
  const sink = await startSink();
  const transport = createHttpTransport({ ...limits, proxy });
  onTestFinished(async () => {
    await transport.close();
    await sink.close();
  });
  const { port } = new URL(sink.url);
  const request = { method: 'PUT', url: `http://${host}:${port}/`, headers: {}, body: [], guard } as const;
  const outcome = await transport.send(request, () => ({ kind: 'success' }));
  return { outcome, requests: sink.requests.length };
}

describe('a guarded request', () => {
  const asked: string[] = [];
  const noneOf: AddressGuard = (address) => {
    asked.push(address);
    return 'not there';
  };

  it.each(['localhost', '127.0.0.1', '[::1]', '2130706433'])(
    'to %s is not sent where its guard refuses',
    async (host) => {
      asked.length = 0;
      const { outcome, requests } = await sendGuarded(host, noneOf);
      expect(outcome).toEqual({ kind: 'failure', reason: 'not there' });
      expect(asked.length).toBeGreaterThan(0);
      expect(requests).toBe(0);
    },
  );

  it('through a proxy is not sent where its name leads to what is refused', async () => {
    const { outcome } = await sendGuarded('localhost', noneOf, 'http://127.0.0.1:1');
    expect(outcome).toEqual({ kind: 'failure', reason: 'not there' });
  });

  it('goes to an address that its guard lets through, of several the others are left out', async () => {
    const { outcome, requests } = await sendGuarded('localhost', (address) =>
      address === '127.0.0.1' ? undefined : 'not there',
    );
    expect(outcome).toEqual({ kind: 'success' });
    expect(requests).toBe(1);
  });
});

describe('a lookup with a guard', () => {
  it.each([true, false])('gives what was asked about, all: %s', async (all) => {
    const lookup = guardedLookup((address) => (address.includes(':') ? 'no' : undefined), 80);
    const found = await new Promise<string | LookupAddress[] | undefined>((resolve, reject) => {
      lookup('localhost', { all }, (error, address) => (error ? reject(error) : resolve(address)));
    });
    expect(found).toEqual(all ? [{ address: '127.0.0.1', family: 4 }] : '127.0.0.1');
  });
});
