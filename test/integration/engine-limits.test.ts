/** What happens at the bounds: a full ring, a full side lane, flush deadlines, shutdown. */
import { createEngine } from 'tailrace/engine';
import { describe, expect, it } from 'vitest';
import { idsOf, startBench } from '../support/engines.js';
import { ok, type Sink } from '../support/sink.js';

/** Answers nothing until told to. */
function holdAnswers(sink: Sink): () => void {
  const held: (() => void)[] = [];
  sink.answer = (_, response) => {
    held.push(() => response.end());
  };
  return () => {
    sink.answer = ok;
    for (const release of held) release();
  };
}

describe('back-pressure', () => {
  it('refuses the newest when the ring is full, counts it, and says so once at each end of the loss', async () => {
    const { sink, engine, messages } = await startBench({ ringBytes: 4096, flushAt: 1, maxInFlight: 1 });
    const release = holdAnswers(sink);
    let pushed = 0;
    while (engine.push({ id: pushed, text: 'x'.repeat(100) })) pushed++;
    expect(engine.push({ id: 'refused', text: 'x'.repeat(100) })).toBe(false);
    expect(engine.stats()).toMatchObject({ accepted: pushed, dropped: { total: 2, 'ring-full': 2 } });
    expect(messages.drop).toHaveLength(1);
    release();
    expect(await engine.flush()).toMatchObject({ sent: pushed, pending: 0 });
    expect(engine.push({ id: 'after' })).toBe(true);
    await engine.flush();
    expect(messages.drop).toHaveLength(2);
    expect(idsOf(sink.requests)).toHaveLength(pushed + 1);
  });

  it('tells a program at three quarters, before anything is refused, and again after there was room', async () => {
    const { sink, engine } = await startBench({ ringBytes: 16 * 1024, flushAt: 1, maxInFlight: 1 });
    const told: number[] = [];
    engine.on('highWater', (_, { ringUsedBytes }) => told.push(ringUsedBytes));
    for (const round of [1, 2]) {
      const release = holdAnswers(sink);
      while (engine.push({ text: 'x'.repeat(100) }));
      expect(told).toHaveLength(round);
      release();
      await engine.flush();
    }
    for (const bytes of told) {
      expect(bytes).toBeGreaterThan((16 * 1024 * 3) / 4);
      expect(bytes).toBeLessThan((16 * 1024 * 3) / 4 + 200);
    }
  });

  it('and for what is beside the ring', async () => {
    const { sink, engine } = await startBench({ ringBytes: 4096, sideLaneBytes: 100_000 });
    const told: number[] = [];
    engine.on('highWater', (_, { sideLaneUsedBytes }) => told.push(sideLaneUsedBytes));
    const release = holdAnswers(sink);
    engine.push({ text: 'x'.repeat(40_000) });
    expect(told).toEqual([]);
    engine.push({ text: 'x'.repeat(40_000) });
    expect(told).toEqual([expect.closeTo(80_000, -2)]);
    release();
  });

  it('holds space until the batch has settled, not until it was read', async () => {
    const { sink, engine } = await startBench({ ringBytes: 4096, flushAt: 1000, flushIntervalMs: 1 });
    const release = holdAnswers(sink);
    let pushed = 0;
    while (engine.push({ id: pushed, text: 'x'.repeat(100) })) pushed++;
    await sink.received(1);
    expect(engine.push({ id: 'still full', text: 'x'.repeat(100) })).toBe(false);
    release();
    await engine.flush();
  });

  it('ready() lets a producer outrun the server without losing anything', async () => {
    const { sink, engine } = await startBench({ ringBytes: 16 * 1024, flushAt: 20 });
    for (let id = 0; id < 3000; id++) {
      await engine.ready();
      expect(engine.push({ id, text: 'x'.repeat(100) })).toBe(true);
    }
    expect(await engine.flush()).toMatchObject({ accepted: 3000, sent: 3000, dropped: { total: 0 } });
    expect(new Set(idsOf(sink.requests)).size).toBe(3000);
  });

  it('a lane whose batch is slow to fill does not hold the ring', async () => {
    const { engine } = await startBench({ ringBytes: 16 * 1024, flushAt: 20, flushIntervalMs: 3_600_000 });
    engine.push({ id: 'a score now and then', lane: 'scores' });
    for (let id = 0; id < 1000; id++) {
      await engine.ready();
      expect(engine.push({ id, lane: 'spans', text: 'x'.repeat(100) })).toBe(true);
    }
    expect(await engine.flush()).toMatchObject({ sent: 1001, dropped: { total: 0 } });
  });

  it('bounds the side lane in bytes, and gives its room back', async () => {
    const { sink, engine } = await startBench({ ringBytes: 4096, sideLaneBytes: 100_000 });
    const release = holdAnswers(sink);
    const large = (id: number) => ({ id, text: 'x'.repeat(40_000) });
    expect(engine.push(large(1))).toBe(true);
    expect(engine.push(large(2))).toBe(true);
    expect(engine.push(large(3))).toBe(false);
    expect(engine.push({ id: 4, text: 'x'.repeat(200_000) })).toBe(false);
    expect(engine.stats().dropped).toEqual({ total: 2, 'side-lane-full': 1, 'too-large': 1 });
    release();
    await engine.flush();
    await engine.ready();
    expect(engine.push(large(5))).toBe(true);
    expect(await engine.flush()).toMatchObject({ sent: 3 });
  });
});

describe('flush and shutdown', () => {
  it('flush resolves with what is pending when its deadline passes', async () => {
    const { sink, engine } = await startBench({ flushTimeoutMs: 50 });
    const release = holdAnswers(sink);
    engine.push({ id: 1 });
    expect(await engine.flush()).toMatchObject({ accepted: 1, sent: 0, pending: 1 });
    release();
  });

  it('concurrent flushes share one answer and cover what is in flight', async () => {
    const { sink, engine } = await startBench();
    const release = holdAnswers(sink);
    engine.push({ id: 1 });
    const first = engine.flush();
    const second = engine.flush();
    await sink.received(1);
    engine.push({ id: 2 });
    const third = engine.flush();
    await sink.received(2);
    release();
    for (const result of await Promise.all([first, second])) expect(result.sent).toBeGreaterThanOrEqual(1);
    expect(await third).toMatchObject({ sent: 2, pending: 0 });
  });

  it('shutdown sends everything, then refuses and warns once', async () => {
    const { sink, engine, messages } = await startBench();
    engine.push({ id: 1 });
    expect(await engine.shutdown()).toMatchObject({ accepted: 1, sent: 1, pending: 0 });
    expect(engine.push({ id: 2 })).toBe(false);
    expect(engine.push({ id: 3 })).toBe(false);
    expect(await engine.flush()).toMatchObject({ sent: 1 });
    expect(await engine.shutdown()).toMatchObject({ sent: 1 });
    expect(engine.stats().dropped).toEqual({ total: 2, closed: 2 });
    expect(messages.warning).toHaveLength(1);
    expect(idsOf(sink.requests)).toEqual([1]);
  });

  it('shutdown counts as failed what the deadline left undelivered, and names how much', async () => {
    const { sink, engine, messages } = await startBench({ flushTimeoutMs: 50 });
    holdAnswers(sink);
    engine.push({ id: 1 });
    engine.push({ id: 2 });
    expect(await engine.shutdown()).toMatchObject({ accepted: 2, sent: 0, failed: 2, pending: 0 });
    expect(messages.error.join()).toContain('2 events');
  });

  it('shutdown of an engine that was never used does not start anything', async () => {
    const { engine, messages } = await startBench();
    expect(await engine.shutdown()).toMatchObject({ accepted: 0, sent: 0 });
    expect(messages).toEqual({ error: [], drop: [], warning: [] });
  });
});

describe('options', () => {
  it('replaces what cannot be used by the default, and says which option, what it must be and what it got', async () => {
    const { messages, engine } = await startBench({ flushAt: 0, compression: 'brotli' as 'gzip' });
    await engine.flush();
    expect(messages.warning).toEqual([
      'option flushAt must be a whole number from 1 to 100000, but got: 0; using 512',
      'option compression must be one of auto, gzip, none, but got: "brotli"; using auto',
    ]);
  });

  it('an engine without an exporter is a mistake in the program', () => {
    expect(() => createEngine({} as never)).toThrow('option exporter must be {url, options?}');
  });
});
