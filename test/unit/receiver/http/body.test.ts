import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { oneAtATime, readBody, releaseBody } from '../../../../src/receiver/http/body.js';

const mebibyte = 1024 * 1024;
const limits = { maxWireBytes: 64 * mebibyte, maxBytes: 64 * mebibyte, gzip: false };
const halfOfLimit = Buffer.alloc(32 * mebibyte);

/** A request whose body comes as the test writes it. */
function openRequest(): PassThrough & IncomingMessage {
  return Object.assign(new PassThrough(), { headers: {} }) as unknown as PassThrough & IncomingMessage;
}

describe('bodies', () => {
  it('have 256 MiB for all of them: a further one is asked to come again', async () => {
    const held = Array.from({ length: 8 }, openRequest);
    const reading = held.map((request) => readBody(request, limits));
    for (const request of held) request.write(halfOfLimit);
    const further = openRequest();
    const refused = readBody(further, limits);
    further.write('x');
    await expect(refused).rejects.toMatchObject({ status: 429, headers: { 'retry-after': '1' } });

    releaseBody(further);
    held[0]?.end();
    await reading[0];
    releaseBody(held[0] as IncomingMessage);
    const next = openRequest();
    const read = readBody(next, limits);
    next.end('y');
    expect((await read).toString()).toBe('y');
    for (const request of [...held.slice(1), next]) {
      request.destroy();
      releaseBody(request);
    }
    await Promise.allSettled(reading);
  });

  it('that are large are dealt with one after the other, whether or not that succeeds; small ones do not wait', async () => {
    const steps: string[] = [];
    let end: () => void = () => {};
    const first = oneAtATime(2 * mebibyte, async () => {
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      steps.push('first');
      throw new Error('broken');
    });
    const second = oneAtATime(2 * mebibyte, async () => steps.push('second'));
    await oneAtATime(1000, async () => steps.push('small'));
    end();
    await expect(first).rejects.toThrow('broken');
    await second;
    expect(steps).toEqual(['small', 'first', 'second']);
  });
});
