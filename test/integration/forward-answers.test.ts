/** `tailrace forward` and the answers of its target: what is tried again, what becomes a dead letter, and why. */
import { Tailrace } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { protobufField } from '../../src/receiver/ingest/otlp/protobuf-writer.js';
import { asLangfuse } from '../support/clients.js';
import {
  addSpans,
  lengthsOf,
  namesAt,
  namesUpTo,
  spansAt,
  startForwarder,
  toLangfuse,
  until,
  untilEmpty,
} from '../support/forwarding.js';
import { decodeRequest } from '../support/otlp.js';
import { noRedis, type RedisServer, readStream, startRedis } from '../support/redis-server.js';
import { type Answer, type Sink, startSink, status } from '../support/sink.js';

const DEAD = 'tailrace:dead';

async function startBoth(answer: Answer = asLangfuse): Promise<{ redis: RedisServer; sink: Sink }> {
  const [redis, sink] = [await startRedis(), await startSink(answer)];
  onTestFinished(() => sink.close());
  return { redis, sink };
}

async function addScores(url: string, count: number): Promise<void> {
  const client = new Tailrace({ exporter: 'redis', redis: { url } });
  for (let i = 0; i < count; i++) client.score({ traceId: 'a'.repeat(32), name: `score ${i}`, value: i });
  await client.shutdown();
}

interface Letter {
  readonly reason: string;
  readonly attempts: string;
  readonly time: string;
  readonly stream: string;
  readonly entry: string;
}

/** With the fields of its entry. */
async function lettersOf(redis: RedisServer) {
  return (await readStream(redis, DEAD)) as unknown as (Letter &
    Awaited<ReturnType<typeof readStream>>[number])[];
}

interface ScoreEvent {
  readonly id: string;
  readonly body: { readonly name: string };
}

const eventsIn = (body: Buffer): ScoreEvent[] => JSON.parse(String(body)).batch;
const namesIn = (body: Buffer): string[] => eventsIn(body).map((event) => event.body.name);

describe.skipIf(noRedis !== undefined)('tailrace forward', () => {
  it.each([
    ['401', 401],
    ['403', 403],
    ['404', 404],
    ['a redirection', 302],
  ])(
    'keeps its entries at %s, says once that it must be configured, and goes on when that is done',
    async (_, code) => {
      const { redis, sink } = await startBoth(status(code, { location: 'https://elsewhere.example.com/' }));
      await addSpans(redis.url, 0, 20);
      const forwarder = await startForwarder(redis.url, toLangfuse(sink.url, '--in-flight', '2'));
      await forwarder.saying(`must be configured: HTTP ${code}`);
      expect(await lengthsOf(redis)).toEqual({ entries: 20, pending: 4 });
      expect(await forwarder.metric('tailrace_forward_target_up')).toBe(0);
      sink.answer = asLangfuse;
      await untilEmpty(redis);
      const { counts } = await forwarder.stop();
      expect(counts).toMatchObject({ delivered: 20, deadLetters: 0 });
      expect(namesAt(sink)).toEqual(namesUpTo(20));
      expect(forwarder.said.length).toBe(2);
      expect(forwarder.said[1]).toContain('works again');
    },
  );

  it('waits for a target that is away while the streams fill up, which producers see', async () => {
    const { redis, sink } = await startBoth(status(503));
    await addSpans(redis.url, 0, 30, { redis: { maxLength: 30 } });
    const forwarder = await startForwarder(redis.url, toLangfuse(sink.url, '--in-flight', '2'));
    await forwarder.saying('is in trouble: HTTP 503');
    expect((await lengthsOf(redis)).entries).toBe(30);
    const producer = new Tailrace({
      exporter: 'redis',
      redis: { url: redis.url, maxLength: 30 },
      logLevel: 'none',
    });
    const full = new Promise((resolve) => {
      producer.on('warning', (text: string) => text.includes('is full') && resolve(undefined));
    });
    producer.span({ name: 'span 30' }).end();
    const flushed = producer.flush();
    await full;
    sink.answer = asLangfuse;
    expect(await flushed).toMatchObject({ sent: 1, failed: 0 });
    await producer.shutdown();
    await until(() => expect(namesAt(sink)).toEqual(namesUpTo(31)));
    await untilEmpty(redis);
    expect((await forwarder.stop()).counts).toMatchObject({ delivered: 31, deadLetters: 0 });
  });

  it('puts what the target refuses for good among the dead letters, and back with --replay-dead', async () => {
    const { redis, sink } = await startBoth(status(400, {}, 'not liked: the private words of customer 1'));
    await addSpans(redis.url, 0, 3, { compression: 'gzip' });
    const first = await startForwarder(redis.url, toLangfuse(sink.url));
    await untilEmpty(redis);
    expect((await first.stop()).counts).toMatchObject({ delivered: 0, refused: 3, deadLetters: 3 });
    const letters = await lettersOf(redis);
    expect(letters.length).toBe(3);
    for (const { reason, attempts, stream, entry, time, ...fields } of letters) {
      expect(reason).toContain('HTTP 400');
      // Content of traces is not shown, also if the server repeats it.
      expect(reason).not.toMatch(/private|customer/);
      expect({ attempts, stream }).toEqual({ attempts: '1', stream: 'tailrace:0' });
      expect(entry).toMatch(/^\d+-\d+$/);
      expect(Date.parse(time)).toBeGreaterThan(0);
      expect(fields).toMatchObject({ v: '1', lane: 'spans', count: '1' });
    }
    sink.answer = asLangfuse;
    const second = await startForwarder(redis.url, toLangfuse(sink.url, '--replay-dead'));
    await second.saying('put 3 dead letters back');
    await untilEmpty(redis);
    expect((await second.stop()).counts).toMatchObject({ delivered: 3, duplicates: 0 });
    expect(namesAt(sink)).toEqual(namesUpTo(3));
    expect(await redis.ask('XLEN', DEAD)).toBe(0);
  });

  it('keeps no more dead letters than it may, and counts those that had to go', async () => {
    const { redis, sink } = await startBoth(status(422));
    await addSpans(redis.url, 0, 10);
    const forwarder = await startForwarder(redis.url, toLangfuse(sink.url, '--max-dead', '4'));
    await untilEmpty(redis);
    const { counts } = await forwarder.stop();
    expect(counts).toMatchObject({ deadLetters: 10, deadLettersDropped: 6 });
    expect(await redis.ask('XLEN', DEAD)).toBe(4);
    expect(forwarder.said.filter((line) => line.includes('the oldest go')).length).toBe(1);
  });

  it('puts the scores aside that a 207 refuses for good, and sends those again that it refuses for now', async () => {
    const { redis, sink } = await startBoth(({ body }, response) => {
      const answers = eventsIn(body).map(({ id, body: { name } }) => {
        if (name === 'score 2') return { id, status: 400, message: 'no such score' };
        const isFirst = sink.requests.length === 1;
        return name === 'score 5' && isFirst ? { id, status: 500, message: 'busy' } : { id, status: 201 };
      });
      const errors = answers.filter((one) => one.status !== 201);
      const successes = answers.filter((one) => one.status === 201);
      response.writeHead(207).end(JSON.stringify({ successes, errors }));
    });
    await addScores(redis.url, 8);
    const forwarder = await startForwarder(redis.url, toLangfuse(sink.url));
    await untilEmpty(redis);
    const { counts } = await forwarder.stop();
    expect(counts).toMatchObject({ delivered: 7, refused: 1, deadLetters: 1 });
    expect(sink.requests.map(({ body }) => namesIn(body))).toEqual([
      [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `score ${i}`),
      ['score 5'],
    ]);
    const [letter] = await lettersOf(redis);
    expect(letter).toMatchObject({ reason: expect.stringContaining('no such score'), count: '1' });
    expect(namesIn(letter?.body as Buffer)).toEqual(['score 2']);
    // It would be dropped as a duplicate of the batch.
    sink.answer = asLangfuse;
    const again = await startForwarder(redis.url, toLangfuse(sink.url, '--replay-dead'));
    await again.saying('put 1 dead letter back');
    await untilEmpty(redis);
    expect((await again.stop()).counts).toMatchObject({ delivered: 1 });
  });

  it('counts the spans that a partial success refuses, and puts their batch aside', async () => {
    const partial = Buffer.concat([protobufField(1, 2), protobufField(2, 'two are too old')]);
    const { redis, sink } = await startBoth((_, response) => response.end(protobufField(1, partial)));
    await addSpans(redis.url, 0, 5, { flushAt: 5 });
    const forwarder = await startForwarder(redis.url, ['--to', 'otlp', '--endpoint', sink.url]);
    await untilEmpty(redis);
    expect((await forwarder.stop()).counts).toMatchObject({ delivered: 3, refused: 2, deadLetters: 1 });
    const [letter] = await lettersOf(redis);
    expect(letter?.reason).toContain('refused 2 of 5 events and did not say which: two are too old');
    sink.answer = asLangfuse;
    const again = await startForwarder(redis.url, [
      ...['--to', 'otlp', '--endpoint', sink.url, '--replay-dead'],
    ]);
    await again.saying('put 1 dead letter back');
    await untilEmpty(redis);
    expect((await again.stop()).counts).toMatchObject({ delivered: 5, duplicates: 0 });
  });

  it('sends a batch that is too large in halves, down to the span that is too large alone', async () => {
    const { redis, sink } = await startBoth(({ body }, response) => {
      const { spans } = decodeRequest(body);
      const isTooLarge = spans.length > 3 || spans.some(({ name }) => name === 'span 7');
      response.writeHead(isTooLarge ? 413 : 200).end();
    });
    await addSpans(redis.url, 0, 10, { flushAt: 10, compression: 'gzip' });
    const forwarder = await startForwarder(redis.url, toLangfuse(sink.url));
    await untilEmpty(redis);
    expect((await forwarder.stop()).counts).toMatchObject({ delivered: 9, refused: 1, deadLetters: 1 });
    const [letter] = await lettersOf(redis);
    expect(letter).toMatchObject({ reason: expect.stringContaining('HTTP 413'), count: '1' });
    expect(decodeRequest(letter?.body as Buffer).spans.map(({ name }) => name)).toEqual(['span 7']);
    expect(namesAt(sink)).toEqual(namesUpTo(10));
    expect(new Set(spansAt(sink).map(({ spanId }) => spanId)).size).toBe(10);
  });

  it('puts an entry that it cannot read aside, and leaves one of a later version where it is', async () => {
    const { redis, sink } = await startBoth();
    const all = { v: '1', lane: 'spans', type: 'application/x-protobuf', encoding: 'identity', count: '1' };
    const add = (fields: Record<string, string>) =>
      redis.ask('XADD', 'tailrace:0', '*', ...Object.entries(fields).flat());
    await add({ hello: 'world' });
    await add({ ...all, id: 'no body' });
    await add({ ...all, id: 'odd', encoding: 'zstd', body: 'x' });
    await add({ ...all, id: 'elsewhere', lane: 'metrics', body: 'x' });
    await add({ ...all, id: 'bomb', lane: 'scores', encoding: 'gzip', body: 'not gzip' });
    const later = await add({ ...all, v: '2', id: 'later', body: 'x' });
    await add({ ...all, v: '2', id: 'later too', body: 'x' });
    await addSpans(redis.url, 0, 1);
    const words = toLangfuse(sink.url, '--claim-after', '1');
    const forwarder = await startForwarder(redis.url, words);
    await until(async () => expect(await redis.ask('XLEN', DEAD)).toBe(5));
    await until(async () => expect(await lengthsOf(redis)).toEqual({ entries: 2, pending: 2 }));
    expect(namesAt(sink)).toEqual(['span 0']);
    const reasons = String(await redis.ask('XRANGE', DEAD, '-', '+'));
    expect(reasons).toContain('it lacks a version (field v), a lane');
    expect(reasons).toContain('it lacks a body');
    expect(reasons).toContain('it lacks an encoding, gzip or identity');
    expect(reasons).toContain('no place for the lane metrics');
    expect(reasons).toContain('cannot be read as events of the ingestion API');
    expect(forwarder.said.filter((line) => line.includes('have the version 2')).length).toBe(1);
    // However often it is looked at, it does not count as one that kills forwarders.
    const calls = async () =>
      Number(/cmdstat_xautoclaim:calls=(\d+)/.exec(String(await redis.ask('INFO', 'commandstats')))?.[1]);
    const before = await calls();
    await until(async () => expect(await calls()).toBeGreaterThan(before + 5));
    const [[, , , count]] = (await redis.ask(
      ...['XPENDING', 'tailrace:0', 'tailrace', String(later), String(later), '1'],
    )) as [[string, string, number, number]];
    expect(count).toBeLessThanOrEqual(1);
    await forwarder.stop();
  });

  it('puts an entry aside that many forwarders have taken and died with', async () => {
    const { redis, sink } = await startBoth();
    await addSpans(redis.url, 0, 1);
    await redis.ask('XGROUP', 'CREATE', 'tailrace:0', 'tailrace', '0');
    const read = ['XREADGROUP', 'GROUP', 'tailrace', 'dead', 'STREAMS', 'tailrace:0', '>'];
    const [[, [[id]]]] = (await redis.ask(...read)) as [[string, [[string]]]];
    const claim = ['XCLAIM', 'tailrace:0', 'tailrace', 'dead', '0', id];
    await redis.ask(...claim, 'IDLE', '5000', 'RETRYCOUNT', '10');
    const forwarder = await startForwarder(redis.url, toLangfuse(sink.url, '--claim-after', '1'));
    await untilEmpty(redis);
    expect((await forwarder.stop()).counts).toMatchObject({ delivered: 0, refused: 1, deadLetters: 1 });
    expect((await lettersOf(redis))[0]).toMatchObject({
      reason: '10 forwarders have taken it and ended without a result',
      attempts: '11',
    });
  });

  it.each([
    ['dead', [], { deadLetters: 1, skipped: 0 }],
    ['drop', ['--scores', 'drop'], { deadLetters: 0, skipped: 3 }],
    ['langfuse', ['--scores', 'langfuse'], { deadLetters: 0, skipped: 0 }],
  ])('brings spans to a collector, and scores where --scores %s says', async (_, words, expected) => {
    const { redis, sink } = await startBoth();
    const langfuse = await startSink(asLangfuse);
    onTestFinished(() => langfuse.close());
    await addSpans(redis.url, 0, 5);
    await addScores(redis.url, 3);
    const forwarder = await startForwarder(redis.url, ['--to', 'otlp', ...words], {
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=one',
      LANGFUSE_BASE_URL: langfuse.url,
      LANGFUSE_PUBLIC_KEY: 'pk',
      LANGFUSE_SECRET_KEY: 'sk',
    });
    await untilEmpty(redis);
    expect((await forwarder.stop()).counts).toMatchObject(expected);
    expect(namesAt(sink)).toEqual(namesUpTo(5));
    expect(
      sink.requests.every(({ url, headers }) => url === '/v1/traces' && headers['x-tenant'] === 'one'),
    ).toBe(true);
    const scores = langfuse.requests.flatMap(({ body }) => namesIn(body));
    expect(scores.length).toBe(words.includes('langfuse') ? 3 : 0);
    expect(langfuse.requests.every(({ headers }) => headers['x-tenant'] === undefined)).toBe(true);
  });

  it('says that there are more streams than it reads', async () => {
    const { redis, sink } = await startBoth();
    await addSpans(redis.url, 0, 40, { redis: { shards: 4 } });
    const forwarder = await startForwarder(redis.url, toLangfuse(sink.url, '--shards', '2'));
    await forwarder.saying('there is a stream tailrace:2, which this forwarder does not read');
    await forwarder.stop();
  });

  it('says that a key is no stream, and that the password is wrong, without showing it', async () => {
    const { redis, sink } = await startBoth();
    await redis.ask('SET', 'tailrace:0', 'x');
    const forwarder = await startForwarder(redis.url, toLangfuse(sink.url));
    await forwarder.saying('must be configured: redis');
    expect(forwarder.said[0]).toContain('something else than a stream under its key (WRONGTYPE)');
    await forwarder.stop();
    const stranger = await startForwarder(
      redis.url.replace('//', '//forwarder:wr0ng-w0rd@'),
      toLangfuse(sink.url),
    );
    await stranger.saying('(WRONGPASS)');
    expect(stranger.said.join()).not.toContain('wr0ng-w0rd');
    await stranger.stop();
  });
});
