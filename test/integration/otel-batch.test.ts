/**
 * The batch processor's behaviour as OpenTelemetry's specification and the cases of its own test suite have it, over
 * HTTP.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOffSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { TailraceSpanProcessor } from 'tailrace/otel';
import { describe, expect, it, onTestFinished } from 'vitest';
import { decodeSpans, listenToDiag, startProcessor, tracing } from '../support/otel.js';
import { SELF_SIGNED } from '../support/self-signed.js';
import { type Answer, ok, startSink, status } from '../support/sink.js';

const LATER = { flushInterval: 59 };

function names(count: number, prefix = 'span'): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
}

/** Answers once it is let go. */
function heldBack(): { answer: Answer; release: () => void } {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { answer: (_, response) => void released.then(() => response.end()), release: () => release() };
}

describe('a batch', () => {
  it('goes when it is full, without a flush', async () => {
    const { sink, end, names: received } = await startProcessor({ ...LATER, flushAt: 5 });
    for (const name of names(5)) end(name);
    await sink.received(1);
    expect(received()).toEqual(names(5));
  });

  it('goes when its time has come', async () => {
    const { sink, end, names: received } = await startProcessor({ flushInterval: 0.05, flushAt: 100 });
    end('one');
    await sink.received(1);
    expect(received()).toEqual(['one']);
  });

  it('goes on demand', async () => {
    const { processor, end, names: received } = await startProcessor(LATER);
    end('one');
    await processor.forceFlush();
    expect(received()).toEqual(['one']);
  });

  it('is never empty', async () => {
    const { processor, sink } = await startProcessor();
    await processor.forceFlush();
    await processor.shutdown();
    expect(sink.requests).toHaveLength(0);
  });

  it('holds each span once, and no more than its size, however many there are', async () => {
    const { processor, sink, end, names: received } = await startProcessor({ ...LATER, flushAt: 10 });
    const all = names(95);
    for (const name of all) end(name);
    await processor.forceFlush();
    expect(received().toSorted()).toEqual(all.toSorted());
    for (const { body } of sink.requests) expect(decodeSpans(body).length).toBeLessThanOrEqual(10);
  });

  it('is cut by its bytes', async () => {
    const { processor, sink, end } = await startProcessor({ ...LATER, maxBatchBytes: 20_000 });
    for (const name of names(20)) end(name, { text: 'x'.repeat(5000) });
    await processor.forceFlush();
    expect(processor.stats()).toMatchObject({ sent: 20, failed: 0 });
    for (const { body } of sink.requests) expect(body.byteLength).toBeLessThanOrEqual(20_000);
  });
});

describe('a span', () => {
  it('that is not sampled is skipped', async () => {
    const { processor, sink } = await startProcessor();
    const provider = new BasicTracerProvider({
      spanProcessors: [processor],
      sampler: new AlwaysOffSampler(),
    });
    provider.getTracer('t').startSpan('unsampled').end();
    const recorded = { ...tracedSpan(), spanContext: () => ({ traceId: '1', spanId: '2', traceFlags: 0 }) };
    processor.onEnd(recorded as never);
    await processor.forceFlush();
    expect([processor.stats().accepted, sink.requests.length]).toEqual([0, 0]);
  });

  it('that is nonsense neither throws nor stops those after it', async () => {
    const { processor, end, messages, names: received } = await startProcessor();
    for (const nonsense of [null, undefined, {}, { spanContext: () => null }, { spanContext: 1 }]) {
      expect(() => processor.onStart(nonsense as never, nonsense as never)).not.toThrow();
      expect(() => processor.onEnd(nonsense as never)).not.toThrow();
    }
    end('good');
    await processor.forceFlush();
    expect(received()).toEqual(['good']);
    expect(processor.stats().dropped).toEqual({ total: 5, unserializable: 5 });
    expect(messages.join()).toContain('a span could not be read when it ended');
  });

  it('has the resource and the scope that it was made with', async () => {
    const resource = resourceFromAttributes({ 'service.name': 'shop' });
    const { processor, end, spans } = await startProcessor({}, { resource, scope: 'my-scope' });
    end('one', { a: 'b' });
    await processor.forceFlush();
    expect(spans()).toEqual([
      expect.objectContaining({
        name: 'one',
        scope: 'my-scope',
        attributes: { a: 'b' },
        resource: expect.objectContaining({ 'service.name': 'shop' }),
      }),
    ]);
  });
});

describe('after shutdown', () => {
  it('nothing is taken, nothing is sent, and no call says so', async () => {
    const { processor, sink, end, messages, names: received } = await startProcessor();
    end('before');
    await processor.shutdown();
    const { accepted } = processor.stats();
    end('after');
    await processor.forceFlush();
    expect(received()).toEqual(['before']);
    expect([accepted, processor.stats().accepted, processor.stats().dropped.total]).toEqual([1, 1, 0]);
    expect([sink.requests.length, messages]).toEqual([1, []]);
  });

  it('a second shutdown is the first', async () => {
    const { processor } = await startProcessor();
    const first = processor.shutdown();
    expect(processor.shutdown()).toBe(first);
    await first;
  });
});

describe('shutdown', () => {
  it('sends what has ended, what is in flight included', async () => {
    const { answer, release } = heldBack();
    const {
      processor,
      sink,
      end,
      names: received,
    } = await startProcessor({ ...LATER, flushAt: 2 }, { answer });
    for (const name of names(3)) end(name);
    await sink.received(1);
    let closed = false;
    const closing = processor.shutdown().then(() => {
      closed = true;
    });
    await sink.received(2);
    expect(closed).toBe(false);
    release();
    await closing;
    expect(received().toSorted()).toEqual(names(3));
    expect(processor.stats()).toMatchObject({ accepted: 3, sent: 3, pending: 0 });
  });
});

describe('forceFlush', () => {
  it('under shutdown waits for what that sends', async () => {
    const { answer, release } = heldBack();
    const { processor, sink, end } = await startProcessor(LATER, { answer });
    end('one');
    const closing = processor.shutdown();
    const flushed = processor.forceFlush().then(() => processor.stats().pending);
    await sink.received(1);
    release();
    expect(await flushed).toBe(0);
    await closing;
  });

  it('waits for what is in flight', async () => {
    const { answer, release } = heldBack();
    const { processor, sink, end } = await startProcessor({ ...LATER, flushAt: 1 }, { answer });
    end('in flight');
    await sink.received(1);
    let flushed = false;
    const flushing = processor.forceFlush().then(() => {
      flushed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(flushed).toBe(false);
    release();
    await flushing;
    expect(processor.stats()).toMatchObject({ sent: 1, pending: 0 });
  });

  it('resolves within its time-out where the server does not answer, and the spans are tried on', async () => {
    const { answer, release } = heldBack();
    const { processor, end, messages } = await startProcessor(
      { flushTimeoutMs: 200, flushAt: 1 },
      { answer },
    );
    end('stuck');
    await processor.forceFlush();
    expect(processor.stats().pending).toBe(1);
    expect(messages).toEqual([
      'warn: [tailrace] forceFlush(): 1 span not delivered after 200 ms; delivery goes on [TAILRACE_FLUSH_TIMED_OUT]',
    ]);
    release();
    await processor.forceFlush();
    expect(processor.stats()).toMatchObject({ sent: 1, pending: 0 });
  });

  it('says nothing of spans that have ended since', async () => {
    const { processor, sink, end, messages } = await startProcessor({ ...LATER, flushTimeoutMs: 20_000 });
    end('before');
    const flushing = processor.forceFlush();
    await sink.received(1);
    end('since');
    await flushing;
    expect(processor.stats()).toMatchObject({ accepted: 2, sent: 1, pending: 1 });
    expect(messages).toEqual([]);
  });

  it.each([400, 500])('never rejects where the server answers %i', async (code) => {
    const { processor, end } = await startProcessor(
      { retryWindowMs: 1, flushTimeoutMs: 5000 },
      { answer: status(code, {}, '<html>no</html>') },
    );
    end('refused');
    await expect(processor.forceFlush()).resolves.toBeUndefined();
    expect(processor.stats()).toMatchObject({ failed: 1, pending: 0 });
  });

  it('never rejects where nobody listens', async () => {
    const messages = listenToDiag();
    const sink = await startSink();
    await sink.close();
    const processor = new TailraceSpanProcessor({
      endpoint: sink.url,
      retryWindowMs: 1,
      flushTimeoutMs: 5000,
    });
    onTestFinished(() => processor.shutdown());
    tracing(processor).end('lost');
    await expect(processor.forceFlush()).resolves.toBeUndefined();
    expect(processor.stats().failed).toBe(1);
    expect(messages.some((message) => message.startsWith('error: '))).toBe(true);
  });
});

describe('failure', () => {
  it('of one batch does not keep the next from being sent', async () => {
    const {
      processor,
      sink,
      end,
      messages,
      names: received,
    } = await startProcessor(LATER, {
      answer: status(400),
    });
    end('refused');
    await processor.forceFlush();
    sink.answer = ok;
    end('taken');
    await processor.forceFlush();
    expect(processor.stats()).toMatchObject({ accepted: 2, sent: 1, failed: 1 });
    expect(received()).toEqual(['refused', 'taken']);
    expect(messages).toEqual([expect.stringMatching(/^error: \[tailrace\] .*400/)]);
  });

  it('that may pass is tried again', async () => {
    let tries = 0;
    const answer: Answer = (_, response) => response.writeHead(++tries < 3 ? 503 : 200).end();
    const { processor, end } = await startProcessor({}, { answer });
    end('one');
    await processor.forceFlush();
    expect(processor.stats()).toMatchObject({ sent: 1, failed: 0 });
    expect(tries).toBe(3);
  });
});

describe('a full queue', () => {
  it('drops the newest, counts them, and tells when loss starts and when it has ended', async () => {
    const { answer, release } = heldBack();
    const {
      processor,
      end,
      messages,
      names: received,
    } = await startProcessor({ ...LATER, maxQueueSize: 10, flushAt: 10 }, { answer });
    for (const name of names(10, 'first')) end(name);
    for (const name of names(5, 'lost')) end(name);
    expect(processor.stats()).toMatchObject({ accepted: 10, dropped: { total: 5, 'queue-full': 5 } });
    release();
    await processor.forceFlush();
    end('again');
    await processor.forceFlush();
    expect(received()).toEqual([...names(10, 'first'), 'again']);
    expect(messages).toEqual([
      expect.stringMatching(
        /^warn: \[tailrace\] dropping spans: the queue is full\. .* \[TAILRACE_QUEUE_FULL\]$/,
      ),
      'warn: [tailrace] spans are accepted again; dropped so far: 5 [TAILRACE_QUEUE_ACCEPTING_AGAIN]',
    ]);
  });

  it('is told when the ring is full as well', async () => {
    const { answer, release } = heldBack();
    const { processor, end, messages } = await startProcessor({ ...LATER, ringBytes: 64 * 1024 }, { answer });
    for (const name of names(100)) end(name, { text: 'x'.repeat(2000) });
    const { accepted, dropped } = processor.stats();
    expect(dropped).toEqual({ total: 100 - accepted, 'ring-full': 100 - accepted });
    expect(accepted).toBeLessThan(40);
    expect(messages[0]).toMatch(/^warn: .*the ring is full \(64 KiB\).*\[TAILRACE_RING_FULL\]$/);
    release();
    await processor.forceFlush();
    expect(processor.stats().sent).toBe(accepted);
  });
});

describe('a resource with attributes that are not known yet', () => {
  it('is waited for', async () => {
    let resolve: (value: string) => void = () => {};
    const pending = new Promise<string>((done) => {
      resolve = done;
    });
    const resource = resourceFromAttributes({ 'host.id': pending, known: 'yes' });
    const { processor, sink, end, spans } = await startProcessor({ flushAt: 1 }, { resource });
    for (const name of names(3)) end(name);
    expect(processor.stats()).toMatchObject({ accepted: 3, pending: 3 });
    const flushing = processor.forceFlush();
    await new Promise((done) => setImmediate(done));
    expect(sink.requests).toHaveLength(0);
    resolve('h-1');
    await flushing;
    expect(spans().map((span) => [span.name, span.resource])).toEqual(
      names(3).map((name) => [name, expect.objectContaining({ 'host.id': 'h-1', known: 'yes' })]),
    );
    end('at once');
    expect(processor.stats()).toMatchObject({ accepted: 4 });
  });

  it('is done without where shutdown cannot wait any longer', async () => {
    const resource = resourceFromAttributes({ never: new Promise<string>(() => {}), known: 'yes' });
    const { processor, end, spans } = await startProcessor({ flushTimeoutMs: 1500 }, { resource });
    end('one');
    await processor.shutdown();
    expect(spans()).toEqual([
      expect.objectContaining({ resource: expect.objectContaining({ known: 'yes' }) }),
    ]);
  });

  it('is done without where it throws when it is asked to wait', async () => {
    const { processor, provider, spans } = await startProcessor();
    const span = provider.getTracer('test').startSpan('one');
    const resource = {
      attributes: { known: 'yes' },
      asyncAttributesPending: true,
      waitForAsyncAttributes() {
        throw new Error('broken');
      },
    };
    processor.onEnd(Object.create(span, { resource: { value: resource } }));
    await processor.forceFlush();
    expect(spans()).toEqual([expect.objectContaining({ name: 'one', resource: { known: 'yes' } })]);
  });

  it('is waited for by a bounded number of spans: the others go as they are', async () => {
    const resource = resourceFromAttributes({ never: new Promise<string>(() => {}) });
    const {
      processor,
      sink,
      end,
      names: received,
    } = await startProcessor({ maxQueueSize: 2, flushAt: 1, flushTimeoutMs: 1500 }, { resource });
    for (const name of names(3)) end(name);
    await sink.received(1);
    expect(received()).toEqual(['span-2']);
    await processor.shutdown();
    expect(received().toSorted()).toEqual(names(3));
  });
});

describe('several destinations', () => {
  it('each have their spans, their bytes and their failures', async () => {
    const messages = listenToDiag();
    const [good, bad] = [await startSink(), await startSink(status(400))];
    const processor = new TailraceSpanProcessor({
      destinations: [
        { endpoint: bad.url },
        { endpoint: good.url, mask: () => 'masked' },
        { endpoint: good.url },
      ],
    });
    onTestFinished(async () => {
      await processor.shutdown();
      await Promise.all([good.close(), bad.close()]);
    });
    const { end } = tracing(processor);
    for (const name of names(50)) end(name, { 'input.value': 'plain' });
    await processor.forceFlush();
    const spans = good.requests.flatMap(({ body }) => decodeSpans(body));
    const inputs = spans.map(({ attributes }) => attributes['input.value']);
    expect(inputs.filter((value) => value === 'plain')).toHaveLength(50);
    expect(inputs.filter((value) => value === 'masked')).toHaveLength(50);
    expect(bad.requests.flatMap(({ body }) => decodeSpans(body))).toHaveLength(50);
    expect(processor.stats()).toMatchObject({ accepted: 150, sent: 100, failed: 50 });
    expect(messages.filter((message) => message.startsWith('error'))).toHaveLength(1);
  });

  it('do not wait for one another', async () => {
    listenToDiag();
    const { answer, release } = heldBack();
    const [fast, slow] = [await startSink(), await startSink(answer)];
    const processor = new TailraceSpanProcessor({
      flushAt: 1,
      destinations: [{ endpoint: slow.url }, { endpoint: fast.url }],
    });
    onTestFinished(async () => {
      release();
      await processor.shutdown();
      await Promise.all([fast.close(), slow.close()]);
    });
    tracing(processor).end('one');
    await Promise.all([fast.received(1), slow.received(1)]);
    expect(decodeSpans(fast.requests[0]?.body as Buffer)).toHaveLength(1);
  });
});

describe('a collector with a certificate of its own', () => {
  it('is reached with the authority that a variable names', async () => {
    const certificate = join(mkdtempSync(join(tmpdir(), 'tailrace-ca-')), 'ca.pem');
    writeFileSync(certificate, SELF_SIGNED.cert);
    process.env.OTEL_EXPORTER_OTLP_CERTIFICATE = certificate;
    const served: Buffer[] = [];
    const server = createServer(SELF_SIGNED, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        served.push(Buffer.concat(chunks));
        response.end();
      });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const processor = new TailraceSpanProcessor({ endpoint: `https://127.0.0.1:${port}` });
    onTestFinished(async () => {
      delete process.env.OTEL_EXPORTER_OTLP_CERTIFICATE;
      rmSync(dirname(certificate), { recursive: true });
      await processor.shutdown();
      server.close();
    });
    tracing(processor).end('secure');
    await processor.forceFlush();
    expect(served.flatMap((body) => decodeSpans(body)).map(({ name }) => name)).toEqual(['secure']);
  });
});

describe('a burst', () => {
  it('of 5000 spans in one tick comes through whole where each request takes a second', async () => {
    const answer: Answer = (_, response) => void setTimeout(() => response.end(), 1000);
    const { processor, end, names: received } = await startProcessor({}, { answer });
    const all = names(5000);
    for (const name of all) end(name, { text: 'x'.repeat(200) });
    await processor.forceFlush();
    expect(processor.stats()).toMatchObject({ accepted: 5000, sent: 5000, dropped: { total: 0 } });
    expect(new Set(received()).size).toBe(5000);
  });
});

it('a span is not the child of what the processor does, nor is the processor seen by it', async () => {
  const manager = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(manager);
  onTestFinished(() => context.disable());
  const { processor, provider, names: received } = await startProcessor({ flushAt: 1 });
  const tracer = provider.getTracer('t');
  const parent = tracer.startSpan('parent');
  context.with(trace.setSpan(context.active(), parent), () => tracer.startSpan('child').end());
  parent.end();
  await processor.forceFlush();
  expect(received().toSorted()).toEqual(['child', 'parent']);
});

function tracedSpan(): object {
  let ended: object = {};
  const taker = {
    onStart() {},
    onEnd: (span: object) => void (ended = span),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  tracing(taker).end('recorded');
  return ended;
}
