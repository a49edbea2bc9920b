/** `tailrace forward` between a real server of NATS and a Langfuse server: shared work, ends of forwarders, dead letters. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Tailrace } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startReceiver } from '../../dist/receiver/receiver.js';
import { asLangfuse } from '../support/clients.js';
import {
  addSpans,
  environment,
  holding,
  namesAt,
  namesUpTo,
  spansAt,
  startForwarder,
  startServer,
  toLangfuse,
  until,
} from '../support/forwarding.js';
import {
  addStream,
  lengthsOf,
  type NatsServer,
  noNats,
  readStream,
  startNats,
  untilEmpty,
  untilGivenAgain,
  usersWith,
} from '../support/nats-server.js';
import { REPOSITORY } from '../support/programs.js';
import { startRelay } from '../support/relay.js';
import { status } from '../support/sink.js';
import { newDir } from '../support/spools.js';

const DEAD = 'tailrace-dead';

/** Puts a message into the stream that no exporter has made. */
async function addForeign({ ask }: NatsServer, headers: Record<string, string>, body: string): Promise<void> {
  const { headers: newHeaders } = await import('@nats-io/transport-node');
  await ask(async (manager) => {
    const all = newHeaders();
    for (const [name, value] of Object.entries(headers)) all.set(name, value);
    await manager.jetstream().publish('tailrace.0', body, { headers: all });
  });
}

describe.skipIf(noNats !== undefined)('tailrace forward from NATS', () => {
  it('brings spans, scores and updates of traces to a server, which has nothing to complain of', async () => {
    const [nats, receiver] = [await startNats(), await startReceiver({ port: 0, strict: true })];
    onTestFinished(() => receiver.close());
    const client = new Tailrace({ exporter: 'nats', nats: { url: nats.url, shards: 3 }, flushAt: 3 });
    for (let i = 0; i < 40; i++) {
      const call = client.generation({ name: `call ${i}`, model: 'm', input: 'ä漢😀'.repeat(500) });
      call.end({ output: 'text' });
      client.score({ traceId: call.traceId, name: 'quality', value: 1 });
    }
    await client.shutdown();
    const forwarder = await startForwarder(nats.url, toLangfuse(receiver.url));
    await untilEmpty(nats);
    expect(await receiver.counts()).toMatchObject({ observations: 40, scores: 40 });
    expect((await receiver.complaints()).complaints).toEqual([]);
    const { code, counts } = await forwarder.stop();
    expect(code).toBe(0);
    expect(counts).toMatchObject({ delivered: 80, refused: 0, deadLetters: 0, claimed: 0, held: 0 });
    expect(forwarder.said).toEqual([]);
  });

  it('shares the work with another forwarder', async () => {
    const [nats, gate] = [await startNats(), holding()];
    const sink = await startServer(gate.answer);
    await addSpans(nats.url, 0, 60);
    const words = toLangfuse(sink.url, '--in-flight', '1');
    const forwarders = await Promise.all([startForwarder(nats.url, words), startForwarder(nats.url, words)]);
    // One request of each, while no other is answered.
    await sink.received(2);
    gate.letGo();
    await untilEmpty(nats);
    const ends = await Promise.all(forwarders.map((one) => one.stop()));
    const delivered = ends.map(({ counts }) => Number(counts?.delivered));
    expect(delivered.every((count) => count > 0)).toBe(true);
    expect(delivered.reduce((sum, count) => sum + count)).toBe(60);
    expect(spansAt(sink).length).toBe(60);
    expect(namesAt(sink)).toEqual(namesUpTo(60));
  });

  it('is succeeded by another one after kill -9, and what is delivered again has the same ids', async () => {
    const [nats, gate] = [await startNats(), holding()];
    const sink = await startServer(gate.answer);
    await addSpans(nats.url, 0, 40);
    const words = toLangfuse(sink.url, '--in-flight', '4', '--claim-after', '1');
    const [first, second] = [await startForwarder(nats.url, words), await startForwarder(nats.url, words)];
    await sink.received(8);
    await until(async () => expect((await lengthsOf(nats)).pending).toBe(16));
    expect(await first.stop('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    gate.letGo();
    await untilEmpty(nats);
    expect(await second.metric('tailrace_forward_claimed_total')).toBe(8);
    const { counts } = await second.stop();
    expect(counts).toMatchObject({ delivered: 40, refused: 0 });
    expect(namesAt(sink)).toEqual(namesUpTo(40));
    expect(spansAt(sink).length).toBe(44);
    expect(new Set(spansAt(sink).map(({ spanId }) => spanId)).size).toBe(40);
  });

  it('keeps its entries while the target takes long to answer, however many others look for work', async () => {
    const [nats, gate] = [await startNats(), holding()];
    const sink = await startServer(gate.answer);
    await addSpans(nats.url, 0, 4);
    const words = toLangfuse(sink.url, '--in-flight', '2', '--claim-after', '1');
    const first = await startForwarder(nats.url, words);
    await sink.received(2);
    await until(async () => expect(await first.metric('tailrace_forward_held_entries')).toBe(4));
    const second = await startForwarder(nats.url, words);
    // An entry that nobody extends is given to somebody again in this time.
    await untilGivenAgain(nats, 1_500, 2);
    expect(await second.metric('tailrace_forward_claimed_total')).toBe(0);
    expect(await lengthsOf(nats)).toEqual({ entries: 4, pending: 4 });
    gate.letGo();
    await untilEmpty(nats);
    expect((await first.stop()).counts).toMatchObject({ delivered: 4 });
    expect((await second.stop()).counts).toMatchObject({ delivered: 0 });
    expect(spansAt(sink).length).toBe(4);
  });

  it('goes on after its connection to NATS was cut, any number of times', async () => {
    const nats = await startNats();
    const [sink, relay] = [await startServer(), await startRelay(nats.port)];
    await addSpans(nats.url, 0, 300);
    let cuts = 0;
    sink.answer = (request, response, index) => {
      // Between the answer and the acknowledgement, among other moments.
      if (index % 40 === 20) {
        cuts++;
        relay.cut();
      }
      asLangfuse(request, response, index);
    };
    const forwarder = await startForwarder(
      `nats://127.0.0.1:${relay.port}`,
      toLangfuse(sink.url, '--claim-after', '1'),
    );
    await untilEmpty(nats);
    await forwarder.stop();
    expect(cuts).toBeGreaterThan(3);
    expect(relay.connections).toBeGreaterThan(cuts / 2);
    expect(namesAt(sink)).toEqual(namesUpTo(300));
    expect(new Set(spansAt(sink).map(({ spanId }) => spanId)).size).toBe(300);
    expect(forwarder.said.some((line) => line.includes('has cut the connection'))).toBe(true);
  });

  it('waits for NATS at its start, and for the stream that the first producer makes', async () => {
    const [nats, sink] = [await startNats(), await startServer()];
    await nats.kill();
    const forwarder = await startForwarder(nats.url, toLangfuse(sink.url));
    await forwarder.saying('refuses connections (ECONNREFUSED). Entries stay in the streams.');
    expect(await forwarder.metric('tailrace_forward_source_up')).toBe(0);
    await nats.start();
    await forwarder.saying('works again');
    await forwarder.saying('there is no stream tailrace yet');
    await addSpans(nats.url, 0, 5);
    await until(() => expect(namesAt(sink)).toEqual(namesUpTo(5)));
    await forwarder.stop();
  });

  it('goes on after a restart of NATS, and makes its consumer again that somebody has deleted', async () => {
    const [nats, sink] = [await startNats(), await startServer()];
    await addSpans(nats.url, 0, 5);
    const forwarder = await startForwarder(nats.url, toLangfuse(sink.url));
    await untilEmpty(nats);
    await nats.kill('SIGTERM');
    await forwarder.saying('Entries stay in the streams.');
    await nats.start();
    await forwarder.saying('works again');
    await nats.ask(({ consumers }) => consumers.delete('tailrace', 'tailrace'));
    await addSpans(nats.url, 5, 10);
    await until(() => expect(namesAt(sink)).toEqual(namesUpTo(10)));
    await untilEmpty(nats);
    expect((await forwarder.stop()).counts).toMatchObject({ delivered: 10, deadLetters: 0 });
  });

  it('delivers what it has before it ends on SIGTERM, and leaves the rest to others', async () => {
    const [nats, gate] = [await startNats(), holding()];
    const sink = await startServer(gate.answer);
    await addSpans(nats.url, 0, 20);
    const forwarder = await startForwarder(nats.url, toLangfuse(sink.url, '--in-flight', '2'));
    await sink.received(2);
    const ended = forwarder.stop('SIGTERM');
    // It still has a way to NATS, and takes no more.
    gate.letGo();
    const { code, counts } = await ended;
    expect(code).toBe(0);
    const delivered = Number(counts?.delivered);
    expect(delivered).toBeGreaterThanOrEqual(2);
    expect(delivered).toBeLessThanOrEqual(6);
    expect(spansAt(sink).length).toBe(delivered);
    expect(await lengthsOf(nats)).toEqual({ entries: 20 - delivered, pending: 0 });
  });

  it('gives back on SIGINT what the target does not take, for others to have at once', async () => {
    const nats = await startNats();
    const sink = await startServer((_, response) => response.writeHead(503, { 'retry-after': '60' }).end());
    await addSpans(nats.url, 0, 5);
    const forwarder = await startForwarder(nats.url, toLangfuse(sink.url, '--in-flight', '1'));
    await forwarder.saying('HTTP 503');
    expect((await forwarder.stop('SIGINT')).counts).toMatchObject({ delivered: 0, held: 2 });
    sink.answer = asLangfuse;
    // By default entries are taken over after a minute.
    const next = await startForwarder(nats.url, toLangfuse(sink.url));
    await untilEmpty(nats);
    expect((await next.stop()).counts).toMatchObject({ delivered: 5, claimed: 2 });
  });

  it('waits for a target that is away while the stream fills up, which producers see', async () => {
    const [nats, sink] = [await startNats(), await startServer(status(503))];
    const options = { nats: { maxBytes: 10_000 }, logLevel: 'none' } as const;
    await addSpans(nats.url, 0, 5, options);
    const forwarder = await startForwarder(nats.url, toLangfuse(sink.url, '--in-flight', '2'));
    await forwarder.saying('is in trouble: HTTP 503');
    const producer = new Tailrace({
      exporter: 'nats',
      flushAt: 1,
      maxInFlight: 1,
      ...options,
      nats: { ...options.nats, url: nats.url },
    });
    const full = new Promise((resolve) => {
      producer.on('warning', (text: string) => text.includes('is full') && resolve(undefined));
    });
    for (let i = 5; i < 40; i++) producer.span({ name: `span ${i}` }).end();
    const flushed = producer.flush();
    await full;
    sink.answer = asLangfuse;
    expect(await flushed).toMatchObject({ sent: 35, failed: 0 });
    await producer.shutdown();
    await until(() => expect(namesAt(sink)).toEqual(namesUpTo(40)));
    await untilEmpty(nats);
    expect((await forwarder.stop()).counts).toMatchObject({ delivered: 40, deadLetters: 0 });
  });

  it('puts what the target refuses for good among the dead letters, and back with --replay-dead', async () => {
    const [nats, sink] = [
      await startNats(),
      await startServer(status(400, {}, 'not liked: the private words of customer 1')),
    ];
    await addSpans(nats.url, 0, 3, { compression: 'gzip', nats: { shards: 4 } });
    const before = await readStream(nats);
    const first = await startForwarder(nats.url, toLangfuse(sink.url));
    await untilEmpty(nats);
    await until(async () => expect(await first.metric('tailrace_forward_dead_entries')).toBe(3));
    expect((await first.stop()).counts).toMatchObject({ delivered: 0, refused: 3, deadLetters: 3 });
    const letters = await readStream(nats, DEAD);
    for (const { fields, body } of letters) {
      expect(fields.reason).toContain('HTTP 400');
      // Content of traces is not shown, also if the server repeats it.
      expect(fields.reason).not.toMatch(/private|customer/);
      expect(fields).toMatchObject({ attempts: '1', v: '1', lane: 'spans', count: '1' });
      const origin = before.find(({ sequence }) => String(sequence) === fields.entry);
      expect(fields.subject).toBe(origin?.subject);
      expect(body).toEqual(origin?.body);
    }
    expect(letters.length).toBe(3);
    sink.answer = asLangfuse;
    const second = await startForwarder(nats.url, toLangfuse(sink.url, '--replay-dead'));
    await second.saying('put 3 dead letters back');
    // Their ids are within the window in which the server drops repeats.
    await until(() => expect(namesAt(sink)).toEqual(namesUpTo(3)));
    await untilEmpty(nats);
    expect((await second.stop()).counts).toMatchObject({ delivered: 3, deadLetters: 0 });
    expect(await readStream(nats, DEAD)).toEqual([]);
  });

  it('keeps the last dead letters alone, and counts those that had to go', async () => {
    const [nats, sink] = [await startNats(), await startServer(status(400))];
    await addSpans(nats.url, 0, 6);
    const forwarder = await startForwarder(nats.url, toLangfuse(sink.url, '--max-dead', '2'));
    await untilEmpty(nats);
    expect((await forwarder.stop()).counts).toMatchObject({ deadLetters: 6, deadLettersDropped: 4 });
    expect((await readStream(nats, DEAD)).length).toBe(2);
    expect(forwarder.said.join('\n')).toContain('the oldest go');
  });

  it('puts an entry aside that too many forwarders have died with', async () => {
    const [nats, gate] = [await startNats(), holding()];
    const sink = await startServer(gate.answer);
    await addSpans(nats.url, 0, 1);
    const words = toLangfuse(sink.url, '--claim-after', '1', '--max-attempts', '2');
    for (let deaths = 0; deaths < 2; deaths++) {
      const forwarder = await startForwarder(nats.url, words);
      await sink.received(deaths + 1);
      await forwarder.stop('SIGKILL');
    }
    const last = await startForwarder(nats.url, words);
    await untilEmpty(nats);
    expect((await last.stop()).counts).toMatchObject({ delivered: 0, refused: 1, deadLetters: 1 });
    const [letter] = await readStream(nats, DEAD);
    expect(letter?.fields).toMatchObject({
      reason: '2 forwarders have taken it and ended without a result',
      attempts: '3',
    });
    gate.letGo();
  });

  it('puts aside what is no batch, or one of a later version, and names what it lacks', async () => {
    const [nats, sink] = [await startNats(), await startServer()];
    await addStream(nats, { retention: 'workqueue' as never });
    await addForeign(nats, { 'Tailrace-V': '1', 'Tailrace-Lane': 'spans' }, 'x');
    await addForeign(nats, { 'Tailrace-V': '2' }, 'y');
    await addForeign(nats, {}, '');
    const forwarder = await startForwarder(nats.url, toLangfuse(sink.url));
    await untilEmpty(nats);
    await forwarder.stop();
    const letters = await readStream(nats, DEAD);
    expect(letters.map(({ body }) => String(body)).sort()).toEqual(['', 'x', 'y']);
    const reasons = letters.map(({ fields }) => fields.reason).join('\n');
    expect(reasons).toContain('it lacks a content type (field type), an encoding, gzip or identity, an id');
    expect(reasons).toContain('the entry has the version 2, which this forwarder does not know');
    expect(sink.requests).toEqual([]);
  });

  it('puts a part aside that is larger than a message when it is uncompressed', async () => {
    const nats = await startNats({ configuration: ['max_payload: 65536'] });
    const receiver = await startServer((request, response, index) => {
      // The scores that it does not like are among others: a part of the batch becomes the letter.
      const { batch } = JSON.parse(String(request.body));
      const errors = batch.map(({ id }: { id: string }) => ({ id, status: 400, message: 'no' }));
      if (index === 0) errors.shift();
      response.writeHead(207, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ successes: [{ id: batch[0].id, status: 201 }], errors }));
    });
    const client = new Tailrace({ exporter: 'nats', nats: { url: nats.url }, compression: 'gzip' });
    for (let i = 0; i < 3; i++) {
      const comment = 'words '.repeat(6_000) + randomBytes(8).toString('hex');
      client.score({ traceId: 'a'.repeat(32), name: `score ${i}`, value: i, comment });
    }
    await client.shutdown();
    const forwarder = await startForwarder(nats.url, toLangfuse(receiver.url));
    await untilEmpty(nats);
    expect((await forwarder.stop()).counts).toMatchObject({ delivered: 1, refused: 2, deadLetters: 1 });
    const [letter] = await readStream(nats, DEAD);
    expect(letter?.fields).toMatchObject({ count: '2', encoding: 'gzip' });
    expect(letter?.body.byteLength).toBeGreaterThan(65_536);
    expect(JSON.parse(String(letter?.body)).batch.length).toBe(2);
  });

  it('needs no more rights than the guide names', async () => {
    const guide = readFileSync(join(REPOSITORY, 'src/forward/README.md'), 'utf8');
    const [, rights = ''] =
      /user: forwarder, password: "password", permissions: (\{[^`]*\})\}\s*```/.exec(guide) ?? [];
    const nats = await startNats(usersWith(rights));
    const sink = await startServer();
    const url = nats.url.replace('//', '//tracer:s3cret-w0rd@');
    await addStream(nats, { retention: 'workqueue' as never });
    const admin = nats.url.replace('//', '//admin:adm1n-w0rd@');
    await addSpans(admin, 0, 2);
    const forwarder = await startForwarder(url, toLangfuse(sink.url));
    await untilEmpty(nats);
    sink.answer = status(400);
    await addSpans(admin, 2, 3);
    await untilEmpty(nats);
    expect((await forwarder.stop()).counts).toMatchObject({ delivered: 2, deadLetters: 1 });
    const again = await startForwarder(url, toLangfuse(sink.url, '--replay-dead'));
    await again.saying('put 1 dead letter back');
    await again.stop();
    expect([...forwarder.said, ...again.said].filter((line) => /permissions|s3cret/.test(line))).toEqual([]);
  });

  it('says once that a password is wrong, and goes on trying', async () => {
    const [nats, sink] = [await startNats(usersWith('{}')), await startServer()];
    const url = nats.url.replace('//', '//tracer:wr0ng-w0rd@');
    const forwarder = await startForwarder(url, toLangfuse(sink.url));
    await forwarder.saying('must be configured: nats');
    expect(forwarder.said.join('\n')).toContain('does not take the user, token or credentials');
    expect(forwarder.said.join('\n')).not.toContain('w0rd');
    expect((await forwarder.stop()).code).toBe(0);
  });

  it('says what to install where the packages are missing', async () => {
    const folder = newDir();
    cpSync(join(REPOSITORY, 'dist'), join(folder, 'tailrace/dist'), { recursive: true });
    cpSync(join(REPOSITORY, 'package.json'), join(folder, 'tailrace/package.json'));
    const args = ['tailrace/dist/bin/cli.js', 'forward', '--from', 'nats://127.0.0.1:1'];
    const failure = await promisify(execFile)(
      process.execPath,
      [...args, ...toLangfuse('http://127.0.0.1:1')],
      { cwd: folder, env: environment() },
    ).catch((error) => error);
    expect(failure).toMatchObject({ code: 1 });
    expect(failure.stderr).toContain(
      'are not installed; run: npm install @nats-io/transport-node @nats-io/jetstream',
    );
  });
});
