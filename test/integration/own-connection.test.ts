/** Exporters that own their connection: the engine batches, retries, spools, flushes and counts for them as for HTTP. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createEngine, type EngineInput } from 'tailrace/engine';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LineServer, startLineServer } from '../support/line-server.js';
import { newDir } from '../support/spools.js';

const EXPORTER = new URL('../support/line-exporter.mjs', import.meta.url);

const upTo = (count: number): number[] => Array.from({ length: count }, (_, id) => id);

async function startLines(options: Partial<EngineInput> = {}) {
  const server = await startLineServer();
  const fault = new Int32Array(new SharedArrayBuffer(4));
  const closed = new Int32Array(new SharedArrayBuffer(4));
  const start = () => {
    const engine = createEngine({
      exporter: { url: EXPORTER, options: { port: server.port, fault, closed } },
      flushTimeoutMs: 20_000,
      ...options,
    });
    const messages: string[] = [];
    for (const kind of ['error', 'warning'] as const) engine.on(kind, (text: string) => messages.push(text));
    onTestFinished(async () => {
      await engine.shutdown();
    });
    return { engine, messages };
  };
  return { server, fault, closed, start, ...start() };
}

const idsOf = ({ batches }: LineServer) =>
  batches.flatMap(({ events }) => events.map(({ id }) => Number(id))).sort((a, b) => a - b);

describe('an exporter that owns its connection', () => {
  it('gets batches cut by count, each in its lane, and counts as sent what it delivers', async () => {
    const { server, engine } = await startLines({ flushAt: 10, compression: 'none' });
    for (const id of upTo(25)) engine.push({ id, lane: id % 5 === 0 ? 'scores' : 'lines' });
    const counts = await engine.flush();
    expect(counts).toMatchObject({ accepted: 25, sent: 25, failed: 0, pending: 0 });
    expect(idsOf(server)).toEqual(upTo(25));
    expect(server.batches.map(({ lane, events }) => [lane, events.length]).sort()).toEqual([
      ['lines', 10],
      ['lines', 10],
      ['scores', 5],
    ]);
    expect(counts.bytes).toBe(server.batches.reduce((sum, { body }) => sum + body.byteLength, 0));
  });

  it.each([
    ['gzip', 'gzip'],
    ['none', 'identity'],
    // The server is on this machine.
    ['auto', 'identity'],
  ] as const)('gets bodies compressed as the option says: %s', async (compression, encoding) => {
    const { server, engine } = await startLines({ compression });
    engine.push({ id: 1, text: 'a'.repeat(10_000) });
    await engine.flush();
    const [batch] = server.batches;
    expect(batch).toMatchObject({ encoding, events: [{ id: 1, text: 'a'.repeat(10_000) }] });
    expect((batch?.body.byteLength ?? 0) < 1000).toBe(encoding === 'gzip');
  });

  it('has its outcomes read: partly refused, too large, refused for good', async () => {
    const { server, engine, messages } = await startLines();
    server.answer = ({ events }) => {
      if (events.length > 4) return { kind: 'too-large', reason: 'more than four' };
      const refused = events.flatMap(({ id }, index) =>
        id === 3 ? [{ index, reason: 'three', retryable: false }] : [],
      );
      return refused.length > 0 ? { kind: 'partial', refused } : { kind: 'success' };
    };
    for (const id of upTo(8)) engine.push({ id });
    expect(await engine.flush()).toMatchObject({ sent: 7, failed: 1, pending: 0 });
    expect(messages.filter((text) => text.includes('three'))).toHaveLength(1);
    server.answer = () => ({ kind: 'failure', reason: 'never' });
    engine.push({ id: 9 });
    expect(await engine.flush()).toMatchObject({ sent: 7, failed: 2, pending: 0 });
  });

  it('is called again with the same bytes while its server cuts the connection or refuses', async () => {
    const { server, engine } = await startLines({ compression: 'gzip' });
    const answers = ['cut', { kind: 'retryable', reason: 'busy' }] as const;
    let tries = 0;
    server.answer = () => answers[tries++] ?? { kind: 'success' };
    engine.push({ id: 1 });
    expect(await engine.flush()).toMatchObject({ sent: 1, failed: 0 });
    expect(tries).toBe(3);
    expect(new Set(server.batches.map(({ body }) => body.toString('hex'))).size).toBe(1);
  });

  it('is called again while its server is away', async () => {
    const { server, engine } = await startLines();
    await server.leave();
    engine.push({ id: 2 });
    const warned = new Promise((resolve) => engine.on('warning', resolve));
    const flushed = engine.flush();
    await warned;
    await server.back();
    expect(await flushed).toMatchObject({ sent: 1, failed: 0 });
  });

  it('gets no second attempt beside the first: one probe at a time while its server refuses', async () => {
    const { server, engine } = await startLines({ flushAt: 1 });
    let mayRefuse = 5;
    server.answer = () => (mayRefuse-- > 0 ? { kind: 'retryable', reason: 'busy' } : { kind: 'success' });
    for (const id of upTo(20)) engine.push({ id });
    expect(await engine.flush()).toMatchObject({ sent: 20, failed: 0, pending: 0 });
    expect(new Set(idsOf(server))).toEqual(new Set(upTo(20)));
  });

  it('has its batch on disk while its server is away, and sends it from there', async () => {
    const { server, engine, start } = await startLines({ spoolDir: newDir() });
    await server.leave();
    for (const id of upTo(30)) engine.push({ id });
    expect(await engine.flush()).toMatchObject({ accepted: 30, sent: 0, spooled: 30, pending: 0 });
    await engine.shutdown();
    await server.back();
    const next = start();
    next.engine.push({ id: 30 });
    await server.received(2);
    expect(await next.engine.shutdown()).toMatchObject({ sent: 1, recovered: 30, spooled: 0 });
    expect(idsOf(server)).toEqual(upTo(31));
  });

  it('is cut off when an attempt takes longer than requestTimeoutMs, and the message names the host alone', async () => {
    const { server, engine, messages } = await startLines({ requestTimeoutMs: 50 });
    let tries = 0;
    server.answer = () => (tries++ === 0 ? 'silent' : { kind: 'success' });
    engine.push({ id: 1 });
    expect(await engine.flush()).toMatchObject({ sent: 1, failed: 0 });
    expect(messages.join('\n')).toContain(`no answer within 50 ms from 127.0.0.1:${server.port}\n`);
  });

  it.each([
    [1, 'throws', 'it throws'],
    [2, 'rejects', 'it rejects'],
    [3, 'never settles', 'no answer within 50 ms from 127.0.0.1:'],
  ])('that misbehaves is tried again, and loses nothing: %i, it %s', async (number, _, reason) => {
    const { server, fault, engine, messages } = await startLines({ requestTimeoutMs: 50 });
    Atomics.store(fault, 0, number);
    const warned = new Promise<string>((resolve) => engine.on('warning', resolve));
    engine.push({ id: 1 });
    const flushed = engine.flush();
    expect(await warned).toContain(reason);
    Atomics.store(fault, 0, 0);
    expect(await flushed).toMatchObject({ sent: 1, failed: 0 });
    expect(idsOf(server)).toEqual([1]);
    expect(messages.join()).not.toContain('lines://');
  });

  it.each([
    [4, 'the exporter gave no outcome'],
    [5, 'the exporter gave no outcome but'],
    [6, 'the exporter could not make a request: body must be'],
  ])('that answers nonsense costs its events, counted and named: %i', async (number, reason) => {
    const { fault, engine, messages } = await startLines();
    Atomics.store(fault, 0, number);
    engine.push({ id: 1 });
    expect(await engine.flush()).toMatchObject({ sent: 0, failed: 1, pending: 0 });
    expect(messages.join('\n')).toContain(reason);
  });

  it('never has a text of an event in a message, even if its error repeats it', async () => {
    const { server, engine, messages } = await startLines();
    const secret = 'a text that nobody may see in a message of the client';
    server.answer = ({ events }) => ({ kind: 'failure', reason: `refused: ${JSON.stringify(events)}` });
    engine.push({ id: 1, secret });
    expect(await engine.flush()).toMatchObject({ failed: 1 });
    expect(messages).toHaveLength(1);
    expect(messages.join()).not.toContain('nobody may see');
  });

  it('is closed once, at the end', async () => {
    const { closed, engine } = await startLines();
    engine.push({ id: 1 });
    await engine.flush();
    expect(Atomics.load(closed, 0)).toBe(0);
    await engine.shutdown();
    expect(Atomics.load(closed, 0)).toBe(1);
  });

  it('delivers what is pending when the process ends', async () => {
    const server = await startLineServer();
    const program = `
      import { createEngine } from 'tailrace/engine';
      const engine = createEngine({ exporter: { url: ${JSON.stringify(EXPORTER.href)}, options: { port: ${server.port} } } });
      for (let id = 0; id < 100; id++) engine.push({ id });
      process.exit(3);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: new URL('../..', import.meta.url),
      stdio: 'inherit',
    });
    const [code] = await once(child, 'exit');
    expect(code).toBe(3);
    expect(idsOf(server)).toEqual(upTo(100));
  });

  it('works on the application’s thread', async () => {
    const { server, engine } = await startLines({ worker: false });
    engine.push({ id: 1 });
    expect(await engine.shutdown()).toMatchObject({ sent: 1, failed: 0 });
    expect(idsOf(server)).toEqual([1]);
  });

  it('must have a payload for its deliver', async () => {
    const module = 'export const createExporter = () => ({ encode() {}, bodyBytes() {}, deliver() {} });';
    const engine = createEngine({ exporter: { url: `data:text/javascript,${encodeURIComponent(module)}` } });
    const errors: string[] = [];
    engine.on('error', (text) => errors.push(text));
    engine.push({ id: 1 });
    expect(await engine.shutdown()).toMatchObject({ failed: 1 });
    expect(errors.join('\n')).toContain('must have a function payload');
  });
});
