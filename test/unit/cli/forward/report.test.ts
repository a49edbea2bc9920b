/** What a forwarder shows: a line on a terminal, JSON for anything else. */
import { expect, it } from 'vitest';
import { createRates, jsonLine, progressText } from '../../../../src/cli/forward/report.js';
import { createCounts, laneOf } from '../../../../src/forward/counts.js';
import type { Forwarder } from '../../../../src/forward/forwarder.js';

function forwarder(troubled: readonly string[] = []): Forwarder {
  const counts = createCounts();
  laneOf(counts, 'spans').delivered = 1234;
  laneOf(counts, 'scores').delivered = 6;
  counts.entries = 20;
  return { counts, held: () => 3, isTroubled: (of) => troubled.includes(of), run: async () => {} };
}

const LAG = {
  streams: [
    { name: 'tailrace:0', entries: 10, pending: 3 },
    { name: 'tailrace:1', entries: 2, pending: 0 },
  ],
  dead: 2,
  oldestMs: 61_400,
};

it('rates are those since the last look', () => {
  let now = 0;
  const { counts } = forwarder();
  const rates = createRates(counts, () => now);
  now = 2000;
  laneOf(counts, 'spans').delivered += 100;
  counts.entries += 4;
  expect(rates()).toEqual({ events: 50, entries: 2 });
  now = 3000;
  expect(rates()).toEqual({ events: 0, entries: 0 });
});

it('the line says what matters, and leaves out what is not', () => {
  expect(progressText(forwarder(), LAG, { events: 99.6, entries: 1 })).toBe(
    '100 events/s · 1,240 delivered · 12 entries waiting · oldest 61 s · 3 in work · 2 dead',
  );
  expect(progressText(forwarder(['source', 'target']), undefined, { events: 0, entries: 0 })).toBe(
    '0 events/s · 1,240 delivered · 3 in work · source away · target away',
  );
});

it('the JSON has counts, rates and lag', () => {
  const line = jsonLine('forwarding', forwarder(['target']), LAG, { events: 9.96, entries: 1 });
  expect(line).not.toContain('\n');
  expect(JSON.parse(line)).toMatchObject({
    kind: 'forwarding',
    delivered: 1240,
    lanes: { spans: { delivered: 1234 }, scores: { delivered: 6 } },
    entries: 20,
    held: 3,
    eventsPerSecond: 10,
    streams: LAG.streams,
    dead: 2,
    sourceUp: true,
    targetUp: false,
  });
});
