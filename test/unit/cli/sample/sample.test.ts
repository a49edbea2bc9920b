import { describe, expect, it } from 'vitest';
import { groundedness, screen } from '../../../../src/cli/sample/checks.js';
import { createClock } from '../../../../src/cli/sample/clock.js';
import { HANDBOOK, searchHandbook } from '../../../../src/cli/sample/handbook.js';
import { tools } from '../../../../src/cli/sample/tools.js';

const clock = createClock(0);

describe("the sample agent's handbook", () => {
  it.each([
    ['How do I wash a down jacket?', 'down-care'],
    ['May canisters travel on planes?', 'gas-flight'],
    ['I want a refund', 'returns'],
  ])('finds the passage for: %s', (question, id) => {
    expect(searchHandbook(question)[0]?.id).toBe(id);
  });

  it('finds nothing where no word of weight is shared', () => {
    expect(searchHandbook('Do you sell kayaks?')).toEqual([]);
  });

  it('ranks by score, and keeps to the number of hits', () => {
    const hits = searchHandbook('parcel refund warranty wash boots gas', HANDBOOK.length);
    expect(hits.map(({ score }) => score)).toEqual(hits.map(({ score }) => score).toSorted((a, b) => b - a));
    expect(searchHandbook('parcel refund warranty wash boots gas')).toHaveLength(2);
  });
});

describe("the sample agent's tools", () => {
  it.each([
    ['unused', 'M-1088', 'MF-B07', 18_500],
    ['used', 'M-1088', 'MF-B07', 15_725],
    ['unused', 'M-1015', 'MF-T2', 0],
    ['unused', 'M-1091', 'MF-G230', 0],
  ])('refund a(n) %s article of %s', (condition, orderNumber, sku, refundCents) => {
    expect(tools.calculate_refund?.({ orderNumber, sku, condition }, clock)).toMatchObject({ refundCents });
  });

  it('throw where there is nothing to find, or a carrier is silent', () => {
    expect(() => tools.lookup_order?.({ orderNumber: 'M-9999' }, clock)).toThrow('no order');
    expect(() => tools.shipping_status?.({ trackingNumber: 'SM-40017' }, clock)).toThrow('did not answer');
  });
});

describe("the sample agent's checks", () => {
  it('take out card numbers and e-mail addresses', () => {
    expect(screen('4000 0000 0000 1234, kim@example.com, order M-1080')).toEqual({
      text: '[card number], [e-mail address], order M-1080',
      removed: ['card number', 'e-mail address'],
    });
  });

  it('look for the numbers of an answer in what was found', () => {
    const found = [{ role: 'tool', content: '{"refundCents":13900,"days":6}' }] as const;
    expect(groundedness('139.00 EUR after 6 days', found)).toBe(1);
    expect(groundedness('139.00 EUR after 7 days', found)).toBe(0.5);
    expect(groundedness('none', found)).toBe(1);
  });
});
