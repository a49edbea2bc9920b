/** The metrics of a forwarder, as text. */
import { expect, it } from 'vitest';
import { createCounts, laneOf } from '../../../src/forward/counts.js';
import type { Forwarder } from '../../../src/forward/forwarder.js';
import { metricsText, serveMetrics } from '../../../src/forward/metrics.js';
import { parseMetrics } from '../../support/metrics-text.js';

function forwarder(): Forwarder {
  return {
    counts: createCounts(),
    held: () => 3,
    isTroubled: (of) => of === 'target',
    run: async () => {},
  };
}

it('each metric has a help, a type and samples, also before anything was seen of the source', () => {
  const text = metricsText(forwarder(), undefined);
  const names = [...text.matchAll(/^# TYPE (\S+) (counter|gauge)$/gm)].map(([, name]) => name);
  expect(names.length).toBe(new Set(names).size);
  for (const name of names) expect(text).toMatch(new RegExp(`^# HELP ${name} \\S.*$`, 'm'));
  const metrics = parseMetrics(text);
  expect(metrics.get('tailrace_forward_held_entries')).toBe(3);
  expect(metrics.get('tailrace_forward_source_up')).toBe(1);
  expect(metrics.get('tailrace_forward_target_up')).toBe(0);
  expect(metrics.has('tailrace_forward_dead_entries')).toBe(false);
});

it('labels may hold anything', () => {
  const one = forwarder();
  laneOf(one.counts, 'a "lane"\\\n').delivered = 2;
  const streams = [{ name: 'a"b:0', entries: 5, pending: 1 }];
  const metrics = parseMetrics(metricsText(one, { streams, dead: 1, oldestMs: 1500 }));
  expect(metrics.get('tailrace_forward_events_total{lane="a \\"lane\\"\\\\\\n",outcome="delivered"}')).toBe(
    2,
  );
  expect(metrics.get('tailrace_forward_stream_entries{stream="a\\"b:0"}')).toBe(5);
  expect(metrics.get('tailrace_forward_oldest_pending_seconds')).toBe(1.5);
});

it('a port that is taken is named, with the option that changes it', async () => {
  const first = await serveMetrics({ host: '127.0.0.1', port: 0 }, () => 'text');
  const port = Number(new URL(first.url).port);
  await expect(serveMetrics({ host: '127.0.0.1', port }, () => '')).rejects.toThrow(
    `port ${port} on 127.0.0.1 is in use: choose another one with --metrics-port`,
  );
  expect(await (await fetch(first.url)).text()).toBe('text');
  first.close();
});
