/** The times of what is traced, after the system's clock was set, and under an application's fake Date. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { asLangfuse } from '../support/clients.js';
import { decodeRequest } from '../support/otlp.js';
import { startSink } from '../support/sink.js';

const ROOT = join(import.meta.dirname, '../..');
const HOUR_MS = 3_600_000;
/** Far more than a program takes, far less than a step. */
const NEAR_MS = HOUR_MS / 4;

interface Times {
  readonly start: number;
  readonly end: number;
}

/** Runs a program whose system clock `step(ms)` sets. Returns when it began, and the times of its spans by their names. */
async function traced(
  program: string,
): Promise<{ began: number; spans: Record<string, Times>; scores: number[] }> {
  const sink = await startSink(asLangfuse);
  onTestFinished(() => sink.close());
  const source = `const systemNow = Date.now;
    let steps = 0;
    const step = (ms) => { steps += ms; };
    Date.now = () => systemNow() + steps;
    const { Tailrace } = await import('tailrace');
    const client = new Tailrace({ publicKey: 'pk', secretKey: 'sk', baseUrl: '${sink.url}' });
    ${program}
    await client.shutdown();`;
  const began = Date.now();
  const child = spawn(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'close');
  const spans: Record<string, Times> = {};
  const scores: number[] = [];
  for (const { url, body } of sink.requests) {
    if (url.endsWith('/traces')) {
      for (const span of decodeRequest(body).spans) {
        const toMs = (nanoseconds: unknown): number => Number(BigInt(nanoseconds as string) / 1_000_000n);
        spans[span.name] = { start: toMs(span.startTimeUnixNano), end: toMs(span.endTimeUnixNano) };
      }
    } else {
      const { batch } = JSON.parse(body.toString()) as { batch: { timestamp: string }[] };
      scores.push(...batch.map(({ timestamp }) => Date.parse(timestamp)));
    }
  }
  return { began, spans, scores };
}

function expectNear(actual: number | undefined, expected: number): void {
  expect(Math.abs((actual as number) - expected)).toBeLessThan(NEAR_MS);
}

it.each([HOUR_MS, -HOUR_MS])(
  'what begins after a step of %d ms has the time that the clock then shows',
  async (ms) => {
    const { began, spans, scores } = await traced(`
    client.event({ name: 'before' });
    step(${ms});
    client.event({ name: 'event' });
    client.span({ name: 'one-shot', endTime: new Date(Date.now()) });
    client.trace({ name: 'trace' }).span({ name: 'child' }).end();
    client.score({ traceId: 'a'.repeat(32), name: 'score', value: 1 });`);
    expectNear(spans.before?.start, began);
    for (const name of ['event', 'one-shot', 'trace', 'child']) expectNear(spans[name]?.start, began + ms);
    for (const time of scores) expectNear(time, began + ms);
    expect(scores).toHaveLength(1);
  },
);

it('a trace that is open follows a step forward', async () => {
  const { began, spans } = await traced(`
    const trace = client.trace({ name: 'trace' });
    step(${HOUR_MS});
    trace.event({ name: 'event' });
    trace.end();`);
  expectNear(spans.trace?.start, began);
  expectNear(spans.event?.start, began + HOUR_MS);
});

it('times within a trace never go back', async () => {
  const { began, spans } = await traced(`
    const trace = client.trace({ name: 'trace' });
    const span = trace.span({ name: 'span' });
    step(${-HOUR_MS});
    client.event({ name: 'other' });
    span.event({ name: 'event' });
    span.end();
    trace.end();`);
  expectNear(spans.other?.start, began - HOUR_MS);
  for (const name of ['trace', 'span', 'event']) {
    expectNear(spans[name]?.start, began);
    expect(spans[name]?.end).toBeGreaterThanOrEqual(spans[name]?.start as number);
  }
  expect(spans.event?.start).toBeGreaterThanOrEqual(spans.span?.start as number);
  expect(spans.span?.end).toBeGreaterThanOrEqual(spans.event?.end as number);
});

it("times follow an application's fake Date, in each call", async () => {
  const { spans } = await traced(`
    let faked = 1_000_000;
    Date.now = () => faked;
    const span = client.span({ name: 'span' });
    faked += 5000;
    span.end();
    Date.now = () => undefined;
    client.event({ name: 'no time' });`);
  expect(spans.span).toEqual({ start: 1_000_000, end: 1_005_000 });
  expectNear(spans['no time']?.start, Date.now());
});
