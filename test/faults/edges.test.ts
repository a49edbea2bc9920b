/** What a user meets besides the matrix: wrong keys, a server that is away for long, TLS, names, redirects, sizes. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { describe, it } from 'vitest';
import {
  type ClientBench,
  expectNoSecret,
  name,
  namesUpTo,
  SOON,
  startBench,
  startClientOf,
  write,
} from '../support/fault-bench.js';
import { answer, eventsIn, type Fault, startFaultServer } from '../support/fault-server.js';
import { KEYS } from '../support/faults.js';
import { SELF_SIGNED } from '../support/self-signed.js';

const answers = (...args: Parameters<typeof answer>): Fault => ({
  request: (socket) => void socket.write(answer(...args)),
});
const silent: Fault = { request: () => {}, isSlow: true };
/** Ten of them fill a body. */
function writeLarge({ client }: ClientBench, count: number): void {
  for (let number = 0; number < count; number++) {
    client.event({ name: name(number), input: randomBytes(150_000).toString('hex') });
  }
}

/** As servers answer to what is no HTTP. */
const complain = (socket: Socket): void => void socket.once('data', () => socket.end(answer(400)));
/** Longer than a test may take: what waits for it fails. */
const FOR_EVER_MS = 600_000;

describe.concurrent('wrong keys', () => {
  it('lose nothing: a flush resolves at its deadline, and all is sent when the key is there', async (context) => {
    const { expect } = context;
    const bench = await startBench(context, answers(401), { flushTimeoutMs: 300 });
    const { client, server, errors } = bench;
    await write(bench, 0, 100);
    expect(await client.flush()).toMatchObject({ accepted: 100, sent: 0, failed: 0, pending: 100 });
    await server.mend();
    while ((await client.flush()).pending > 0);
    expect(client.stats()).toMatchObject({ sent: 100, failed: 0 });
    expect([...server.acknowledged].sort()).toEqual(namesUpTo(100));
    expect(errors).toEqual([]);
  });

  it('are told at once, by public key and host, even after another fault', async (context) => {
    const { expect } = context;
    const bench = await startBench(context, answers(503), SOON);
    await write(bench, 0, 1);
    await bench.told(/HTTP 503/);
    bench.server.fault = answers(403, {}, 'Forbidden');
    expect(await bench.told(/HTTP 403/)).toMatch(
      /^configuration problem, retrying in \d+ ms: HTTP 403: 127\.0\.0\.1:\d+ does not take public key pk-lf-public with its secret key: Forbidden\. Correct the keys/,
    );
    expectNoSecret(context.expect, bench);
  });

  it('do not hold up a shutdown', async (context) => {
    const { expect } = context;
    const bench = await startBench(context, answers(401), { flushTimeoutMs: FOR_EVER_MS });
    await write(bench, 0, 100);
    await bench.told(/HTTP 401/);
    expect(await bench.client.shutdown()).toMatchObject({ accepted: 100, sent: 0, failed: 100, pending: 0 });
    expect(bench.errors).toHaveLength(5);
    for (const error of bench.errors) {
      expect(error).toMatch(/20 spans not delivered \(.*gave up after \d+ attempts?, the last: HTTP 401/);
    }
    expectNoSecret(expect, bench);
  });

  it('do not hold up the shutdown of a script that has come to its end already', async (context) => {
    const bench = await startBench(context, answers(401), { flushTimeoutMs: FOR_EVER_MS });
    await write(bench, 0, 1);
    context.expect(await bench.client.shutdown()).toMatchObject({ accepted: 1, failed: 1, pending: 0 });
    context.expect(bench.errors.join()).toContain('pk-lf-public');
  });

  it('that are mixed up are told without the secret one', async (context) => {
    const swapped = { ...SOON, publicKey: KEYS.secretKey, secretKey: KEYS.publicKey };
    const bench = await startBench(context, answers(401), swapped);
    await write(bench, 0, 1);
    context.expect(await bench.told(/HTTP 401/)).toContain('publicKey looks like a secret key');
    context.expect(bench.warnings.join()).not.toContain(KEYS.secretKey);
  });
});

describe.concurrent('a server that is away for long', () => {
  it.for([
    ['silent', silent],
    ['refusing the keys', answers(401)],
    ['out of order', answers(503)],
  ] as const)(
    '%s: the stream is taken until the ring is full, then counted; what was taken arrives',
    async ([, fault], context) => {
      const { expect } = context;
      const bench = await startBench(context, fault, { ringBytes: 64 * 1024, maxInFlight: 2 });
      const { client, server } = bench;
      client.on('drop', () => {});
      await write(bench, 0, 2000);
      const { accepted, dropped, sent, failed } = client.stats();
      expect(dropped).toEqual({ total: 2000 - accepted, 'ring-full': 2000 - accepted });
      expect(accepted).toBeGreaterThan(40);
      expect({ sent, failed }).toEqual({ sent: 0, failed: 0 });
      await server.mend();
      expect(await client.flush()).toMatchObject({ accepted, sent: accepted, failed: 0, pending: 0 });
      expect([...server.acknowledged].sort()).toEqual(namesUpTo(accepted));
    },
  );

  it('is given up when the retry window is over, by name and count', async (context) => {
    const { expect } = context;
    const bench = await startBench(context, answers(503), { retryWindowMs: 200 });
    await write(bench, 0, 20);
    expect(await bench.client.flush()).toMatchObject({ accepted: 20, sent: 0, failed: 20, pending: 0 });
    expect(bench.errors).toEqual([
      expect.stringMatching(/^20 spans not delivered .*gave up after \d+ attempts?/),
    ]);
  });

  it('and asks for more time than there is gets a last try at the end of it', async (context) => {
    const { expect } = context;
    const bench = await startBench(context, answers(429, { 'retry-after': '3600' }), { retryWindowMs: 1000 });
    await write(bench, 0, 20);
    await bench.told(/HTTP 429/);
    await bench.server.mend();
    expect(await bench.client.flush()).toMatchObject({ accepted: 20, sent: 20, failed: 0 });
  });
});

describe.concurrent('on the way to the server', () => {
  it('a name that cannot be resolved is told', async (context) => {
    // A label of 64 letters: no resolver is asked.
    const host = `${'a'.repeat(64)}.invalid`;
    const bench = startClientOf(context, { url: `http://${host}` }, { retryWindowMs: 0 });
    await write(bench, 0, 3);
    context.expect(await bench.client.flush()).toMatchObject({ accepted: 3, failed: 3, pending: 0 });
    context.expect(bench.errors.join()).toContain(`the name ${host} cannot be resolved (E`);
  });

  it.for([
    [
      'a certificate that nobody has signed',
      SELF_SIGNED,
      'https:',
      /the certificate of 127.* is not trusted \(DEPTH_ZERO/,
    ],
    ['a server that speaks TLS alone', SELF_SIGNED, 'http:', /127.* has cut the connection|not HTTP/],
  ] as const)('%s is told, and tried on', async ([, tls, protocol, words], context) => {
    const { expect } = context;
    const server = await startFaultServer({}, context.onTestFinished, tls);
    const bench = startClientOf(
      context,
      { url: server.url.replace(/^https?:/, protocol) },
      { ...SOON, flushTimeoutMs: 300 },
    );
    await write(bench, 0, 3);
    await bench.told(words);
    expect(await bench.client.flush()).toMatchObject({ accepted: 3, sent: 0, failed: 0, pending: 3 });
    expect(server.requests).toEqual([]);
    expect(await bench.client.shutdown()).toMatchObject({ accepted: 3, failed: 3, pending: 0 });
    expectNoSecret(expect, bench);
  });

  it.for([
    ['a certificate that nobody has signed', SELF_SIGNED, {}, /is not trusted/],
    [
      'a server that speaks no TLS',
      undefined,
      { connected: complain },
      /127.* does not speak TLS \(is https/,
    ],
  ] as const)('%s does not hold up a shutdown', async ([, tls, fault, words], context) => {
    const server = await startFaultServer(fault, context.onTestFinished, tls);
    const url = server.url.replace('http:', 'https:');
    const bench = startClientOf(context, { url }, { flushTimeoutMs: FOR_EVER_MS });
    await write(bench, 0, 3);
    context.expect(await bench.client.shutdown()).toMatchObject({ accepted: 3, failed: 3, pending: 0 });
    context.expect(bench.errors.join()).toMatch(words);
  });

  it.for([301, 302, 303, 307, 308])(
    'a redirect (%i) is never followed: the keys stay where they belong',
    async (status, context) => {
      const { expect } = context;
      const other = await startFaultServer({}, context.onTestFinished);
      const fault = answers(status, { location: `${other.url}/api/public/otel/v1/traces?token=t0ken` });
      const bench = await startBench(context, fault, SOON);
      await write(bench, 0, 1);
      expect(await bench.told(/redirects/)).toContain(`redirects to ${other.url}, which`);
      expect(await bench.client.shutdown()).toMatchObject({ accepted: 1, failed: 1 });
      expect(other.requests).toEqual([]);
      expectNoSecret(expect, bench);
    },
  );

  it('a connection that is reset within a large body costs nothing', async (context) => {
    const { expect } = context;
    const resetSoon = (socket: Socket): void => {
      socket.pause();
      setTimeout(() => socket.resetAndDestroy(), 20);
    };
    const bench = await startBench(context, { head: resetSoon }, { compression: 'none' });
    writeLarge(bench, 20);
    await bench.told(/has cut the connection/);
    expect(bench.server.requests).toEqual([]);
    await bench.server.mend();
    expect(await bench.client.flush()).toMatchObject({ accepted: 20, sent: 20, failed: 0, pending: 0 });
    expect([...bench.server.acknowledged].sort()).toEqual(namesUpTo(20));
  });

  it('a connection that was kept and is closed under the next request costs nothing', async (context) => {
    const { expect } = context;
    const bench = await startBench(context, {}, { maxInFlight: 1 });
    await write(bench, 0, 20);
    expect(await bench.client.flush()).toMatchObject({ sent: 20 });
    // Each connection is good for one more request, and then is not.
    bench.server.fault = {
      head(socket) {
        bench.server.fault = {};
        socket.resetAndDestroy();
      },
    };
    await write(bench, 20, 40);
    expect(await bench.client.flush()).toMatchObject({ accepted: 40, sent: 40, failed: 0, retried: 1 });
    expect([...bench.server.acknowledged].sort()).toEqual(namesUpTo(40));
  });
});

describe.concurrent('bodies that are too large', () => {
  const MAX_SPANS = 6;
  it('arrive in halves', async (context) => {
    const { expect } = context;
    const bench = await startBench(context, {
      request(socket, { names }, acknowledge) {
        if (names.length > MAX_SPANS) return void socket.write(answer(413, {}, 'Payload Too Large'));
        acknowledge();
        socket.write(answer(200));
      },
    });
    await write(bench, 0, 200);
    expect(await bench.client.flush()).toMatchObject({ accepted: 200, sent: 200, failed: 0, pending: 0 });
    expect([...bench.server.acknowledged].sort()).toEqual(namesUpTo(200));
  });

  it.for([
    ['reads no further', () => {}],
    ['resets the connection', (socket: Socket) => void setTimeout(() => socket.resetAndDestroy(), 20)],
  ] as const)(
    'and are refused before they have been read, by a server that %s, arrive in halves too',
    async ([, afterwards], context) => {
      const { expect } = context;
      const bench = await startBench(
        context,
        {
          head(socket, headers) {
            if (Number(headers['content-length']) < 1_000_000) return true;
            socket.pause();
            socket.end(answer(413, { connection: 'close' }));
            afterwards(socket);
            return false;
          },
        },
        { compression: 'none' },
      );
      writeLarge(bench, 20);
      expect(await bench.client.flush()).toMatchObject({ accepted: 20, sent: 20, failed: 0, pending: 0 });
      expect([...bench.server.acknowledged].sort()).toEqual(namesUpTo(20));
    },
  );
});

describe.concurrent('a server that takes a part', () => {
  it.for([
    ['protobuf', Buffer.from([10, 12, 8, 3, 18, 8, ...Buffer.from('too late')]), {}],
    [
      'JSON',
      '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too late"}}',
      { 'content-type': 'application/json' },
    ],
  ] as const)(
    'over OTLP, in %s: what it rejects has failed, in its words, and is not sent again',
    async ([, body, headers], context) => {
      const { expect } = context;
      const bench = await startBench(context, answers(200, headers, body as Buffer));
      await write(bench, 0, 20);
      expect(await bench.client.flush()).toMatchObject({ accepted: 20, sent: 17, failed: 3, retried: 0 });
      expect(bench.errors).toEqual(['3 of 20 spans not taken, and the server does not say which: too late']);
      expect(bench.server.requests).toHaveLength(1);
    },
  );

  it('over OTLP: a word with a success is passed on', async (context) => {
    const { expect } = context;
    const bench = await startBench(
      context,
      answers(200, {}, '{"partialSuccess":{"errorMessage":"slower, please"}}'),
    );
    await write(bench, 0, 20);
    expect(await bench.client.flush()).toMatchObject({ accepted: 20, sent: 20, failed: 0 });
    expect(bench.warnings.join()).toContain('slower, please');
  });

  it('over ingestion (207): what it may take later is sent again, the rest has failed', async (context) => {
    const { expect } = context;
    let answered = 0;
    const bench = await startBench(
      context,
      {
        request(socket, { body }) {
          const first = answered++ === 0;
          const ids = eventsIn(body)
            .filter(({ type }) => type !== 'trace-create')
            .map(({ id, body: { name } }) => ({ id, name }));
          const statusOf = (one: string): number =>
            !first ? 201 : one === name(3) ? 400 : one === name(5) ? 503 : 201;
          const all = ids.map(({ id, name: one }) => ({ id, status: statusOf(one), message: `of ${one}` }));
          const errors = all.filter(({ status }) => status > 201);
          const successes = all.filter(({ status }) => status === 201);
          socket.write(answer(207, {}, JSON.stringify({ successes, errors })));
        },
      },
      { protocol: 'ingestion' },
    );
    await write(bench, 0, 20);
    expect(await bench.client.flush()).toMatchObject({ accepted: 20, sent: 19, failed: 1, retried: 1 });
    expect(bench.errors).toEqual([expect.stringContaining('HTTP 400: of event 3')]);
    expect(bench.server.requests.map(({ names }) => names.length)).toEqual([20, 1]);
    expect(bench.server.requests[1]?.names).toEqual([name(5)]);
  });

  it('a 404 of the ingestion endpoint does not speak of OpenTelemetry', async (context) => {
    const { expect } = context;
    const bench = await startBench(context, answers(404), { protocol: 'ingestion' });
    await write(bench, 0, 1);
    expect(await bench.client.flush()).toMatchObject({ accepted: 1, failed: 1 });
    expect(bench.errors.join()).toMatch(/has no \/api\/public\/ingestion: is baseUrl right\?$/);
  });
});
