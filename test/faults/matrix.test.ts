/**
 * Every fault of a server, met by one event, by a steady stream, and by a flush that waits: what was accepted is sent,
 * failed or pending, what is sent the server has, and the user is told what is wrong.
 */
import { describe, it } from 'vitest';
import { expectNoSecret, name, namesUpTo, SOON, startBench, write } from '../support/fault-bench.js';
import { FINAL, HARMLESS, PASSING } from '../support/faults.js';

const LOST_NOTHING = { failed: 0, pending: 0, dropped: { total: 0 } };

describe.concurrent('a fault that passes', () => {
  it.for(PASSING)('%s: one event', async ([, fault, words], context) => {
    const { expect } = context;
    const bench = await startBench(context, fault, SOON);
    const { server, client, warnings } = bench;
    await write(bench, 0, 1);
    await bench.told(words);
    await server.mend();
    expect(await client.flush()).toMatchObject({ accepted: 1, sent: 1, ...LOST_NOTHING });
    expect([...server.acknowledged]).toEqual(namesUpTo(1));
    const again = await bench.told(/works again/);
    expect(again).toMatch(/^delivery of spans works again after [\d.]+ s; 1 event waited$/);
    expect(warnings.at(-1)).toBe(again);
    expectNoSecret(expect, bench);
  });

  it.for(PASSING)('%s: a steady stream', async ([, fault, words], context) => {
    const { expect } = context;
    const bench = await startBench(context, { isSlow: fault.isSlow });
    const { server, client } = bench;
    await write(bench, 0, 100);
    server.fault = fault;
    if (fault.refuses) await server.refuse();
    await write(bench, 100, 200);
    await bench.told(words);
    await write(bench, 200, 300);
    await server.mend();
    await write(bench, 300, 400);
    expect(await client.flush()).toMatchObject({ accepted: 400, sent: 400, ...LOST_NOTHING });
    expect([...server.acknowledged].sort()).toEqual(namesUpTo(400));
    expectNoSecret(expect, bench);
  });

  it.for(PASSING)('%s: a flush that waits', async ([, fault, words], context) => {
    const { expect } = context;
    const bench = await startBench(context, fault);
    const { server, client } = bench;
    await write(bench, 0, 10);
    const flushed = client.flush();
    await bench.told(words);
    expect(server.acknowledged.size).toBe(0);
    await server.mend();
    expect(await flushed).toMatchObject({ accepted: 10, sent: 10, ...LOST_NOTHING });
    expect([...server.acknowledged].sort()).toEqual(namesUpTo(10));
    expectNoSecret(expect, bench);
  });
});

describe.concurrent('a fault of the request', () => {
  it.for(FINAL)('%s: one event', async ([, fault, words], context) => {
    const { expect } = context;
    const bench = await startBench(context, fault);
    const { server, client, errors } = bench;
    await write(bench, 0, 1);
    expect(await client.flush()).toMatchObject({ accepted: 1, sent: 0, failed: 1, pending: 0 });
    expect(errors).toEqual([expect.stringMatching(words)]);
    await server.mend();
    await write(bench, 1, 2);
    expect(await client.flush()).toMatchObject({ accepted: 2, sent: 1, failed: 1, pending: 0 });
    expect([...server.acknowledged]).toEqual([name(1)]);
    expectNoSecret(expect, bench);
  });

  it.for(FINAL)('%s: a steady stream', async ([, fault, words], context) => {
    const { expect } = context;
    const bench = await startBench(context, {});
    const { server, client, errors } = bench;
    await write(bench, 0, 100);
    await client.flush();
    server.fault = fault;
    await write(bench, 100, 200);
    await client.flush();
    await server.mend();
    await write(bench, 200, 300);
    expect(await client.flush()).toMatchObject({ accepted: 300, sent: 200, failed: 100, pending: 0 });
    expect([...server.acknowledged].sort()).toEqual(namesUpTo(300).filter((one) => !/ 1\d\d$/.test(one)));
    for (const error of errors) expect(error).toMatch(words);
    expectNoSecret(expect, bench);
  });

  it.for(FINAL)('%s: a flush that waits', async ([, fault, words], context) => {
    const { expect } = context;
    const bench = await startBench(context, fault);
    await write(bench, 0, 10);
    expect(await bench.client.flush()).toMatchObject({ accepted: 10, sent: 0, failed: 10, pending: 0 });
    expect(bench.errors.join('\n')).toMatch(words);
    expect(bench.server.acknowledged.size).toBe(0);
    expectNoSecret(expect, bench);
  });
});

describe.concurrent('an odd answer of a server that has taken the events', () => {
  it.for(HARMLESS)('%s: one event', async ([, fault], context) => {
    const { expect } = context;
    const bench = await startBench(context, fault);
    await write(bench, 0, 1);
    expect(await bench.client.flush()).toMatchObject({ accepted: 1, sent: 1, retried: 0, ...LOST_NOTHING });
    expect([...bench.server.acknowledged]).toEqual(namesUpTo(1));
  });

  it.for(HARMLESS)('%s: a steady stream', async ([, fault], context) => {
    const { expect } = context;
    const bench = await startBench(context, fault);
    await write(bench, 0, 300);
    expect(await bench.client.flush()).toMatchObject({ accepted: 300, sent: 300, ...LOST_NOTHING });
    expect([...bench.server.acknowledged].sort()).toEqual(namesUpTo(300));
  });

  it.for(HARMLESS)('%s: a flush that waits', async ([, fault], context) => {
    const { expect } = context;
    const bench = await startBench(context, fault);
    await write(bench, 0, 10);
    expect(await bench.client.flush()).toMatchObject({ accepted: 10, sent: 10, ...LOST_NOTHING });
    expect(bench.warnings).toEqual([]);
  });
});
