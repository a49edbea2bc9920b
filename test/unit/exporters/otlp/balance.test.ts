/** Endpoints by trace id: every process chooses the same, evenly, and the end of one moves its traces alone. */
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createBalance } from '../../../../src/exporters/otlp/balance.js';

const URLS = [
  'http://a:4318/v1/traces',
  'http://b:4318/v1/traces',
  'http://c:4318/v1/traces',
  'http://d:4318/v1/traces',
];
const IDS = Array.from({ length: 20_000 }, () => randomBytes(16));

function chooserOf(urls: readonly string[]) {
  const choose = createBalance(urls);
  return (id: Uint8Array): [first: string, second: string] => {
    const pair = choose(id, 0);
    return [urls[Math.floor(pair / urls.length)] as string, urls[pair % urls.length] as string];
  };
}

function shares(choices: readonly string[]): number[] {
  const counts = new Map<string, number>();
  for (const choice of choices) counts.set(choice, (counts.get(choice) ?? 0) + 1);
  return [...counts.values()].map((count) => count / choices.length);
}

describe('the endpoint of a trace', () => {
  it('is one of the list, and the second choice is another one', () => {
    const choose = chooserOf(URLS);
    for (const id of IDS) {
      const [first, second] = choose(id);
      expect(first).not.toBe(second);
    }
  });

  it('is found wherever the id lies in the bytes', () => {
    const choose = createBalance(URLS);
    const id = randomBytes(16);
    expect(choose(Buffer.concat([Buffer.alloc(7), id]), 7)).toBe(choose(id, 0));
  });

  it('is the same in whatever order the endpoints are listed', () => {
    const choose = chooserOf(URLS);
    const reversed = chooserOf([...URLS].reverse());
    for (const id of IDS.slice(0, 1_000)) expect(reversed(id)).toEqual(choose(id));
  });

  it.each([
    ['random ids', IDS],
    [
      'ids that count up',
      Array.from({ length: 20_000 }, (_, i) => Buffer.from(i.toString(16).padStart(32, '0'), 'hex')),
    ],
  ])('is each of them as often, for %s', (_, ids) => {
    const choose = chooserOf(URLS);
    for (const share of shares(ids.map((id) => choose(id)[0])))
      expect(Math.abs(share - 0.25)).toBeLessThan(0.02);
    const ofFirst = ids.map(choose).filter(([first]) => first === URLS[0]);
    for (const share of shares(ofFirst.map(([, second]) => second)))
      expect(Math.abs(share - 1 / 3)).toBeLessThan(0.04);
  });

  it.each(URLS)('stays where it is if %s ends, and its own go to their second choice', (ended) => {
    const choose = chooserOf(URLS);
    const without = chooserOf(URLS.filter((url) => url !== ended));
    for (const id of IDS.slice(0, 2_000)) {
      const [first, second] = choose(id);
      expect(without(id)[0]).toBe(first === ended ? second : first);
    }
  });
});
