import { describe, expect, it } from 'vitest';
import { cost, count, duration } from '../../../src/viewer/format.js';
import { html, toText } from '../../../src/viewer/html.js';
import { errorPage } from '../../../src/viewer/layout.js';
import { tracePage } from '../../../src/viewer/trace-page.js';
import { treeOrder } from '../../../src/viewer/trace-tree.js';
import { tracesPage } from '../../../src/viewer/traces-page.js';
import type { ObservationView, TraceSummary, TraceView } from '../../../src/viewer/views.js';

const attack = `"><script>alert('x')</script>&amp;`;
const payload = (text: string) => ({ text, fullLength: text.length });

const summary: TraceSummary = {
  id: 't1',
  name: 'run',
  startUs: 1_700_000_000_000_000,
  durationUs: 1_500_000,
  observationCount: 1,
  errorCount: 0,
  totalTokens: null,
  totalCost: null,
  hasEstimatedTokens: false,
  hasEstimatedCost: false,
  scores: [],
  userId: null,
  sessionId: null,
  environment: null,
  tags: [],
  complaintCount: 0,
};
const trace: TraceView = {
  ...summary,
  release: null,
  version: null,
  input: null,
  output: null,
  metadata: null,
};
const observation: ObservationView = {
  id: 'o1',
  parentId: null,
  type: 'SPAN',
  name: 'work',
  level: 'DEFAULT',
  statusMessage: null,
  startUs: summary.startUs,
  endUs: summary.startUs + 1000,
  completionStartUs: null,
  totalTokens: null,
  totalCost: null,
  model: null,
  modelParameters: null,
  usageDetails: null,
  costDetails: null,
  estimate: null,
  promptName: null,
  promptVersion: null,
  version: null,
  input: null,
  output: null,
  metadata: null,
};

const MEBIBYTE = 1024 * 1024;
const size = { usedBytes: 12.34 * MEBIBYTE, maxBytes: 2048 * MEBIBYTE, evictedTraces: 0 };
const noStrays = { strayComplaints: [], strayTotal: 0, size };
const list = (traces: TraceSummary[], totalItems = traces.length, page = 1) =>
  tracesPage({ traces, totalItems, page, limit: 50, baseUrl: 'http://127.0.0.1:3210', ...noStrays });
const one = (observations: ObservationView[], more: Partial<TraceView> = {}) =>
  tracePage({
    trace: { ...trace, observationCount: observations.length, ...more },
    observations,
    maxObservations: 1000,
    scores: [],
    complaints: [],
  });

/** Each opening tag has its end, in the right order. */
function expectWellFormed(page: string): void {
  const open: string[] = [];
  for (const [, end, name] of page.matchAll(/<(\/?)([a-z0-9]+)(?:\s[^>]*)?(?<!\/)>/g)) {
    if (['meta', 'link'].includes(name ?? '')) continue;
    if (end === '') open.push(name ?? '');
    else expect(open.pop()).toBe(name);
  }
  expect(open).toEqual([]);
}

describe('the template', () => {
  it('escapes all but its own kind', () => {
    const value = html`<i title="${attack}">${attack}${html`<b>${1}</b>`}${[null, false, undefined, 'x']}</i>`;
    const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;';
    expect(toText(value)).toBe(`<i title="${escaped}">${escaped}<b>1</b>x</i>`);
  });
});

describe('every text that comes from outside', () => {
  it('is escaped, wherever it is shown', () => {
    const hostile = {
      text: JSON.stringify([
        { role: attack, name: attack, content: [attack, { [attack]: attack }], tool_calls: [attack] },
      ]),
      fullLength: 9e9,
    };
    const everywhere = Object.fromEntries(
      Object.entries(observation).map(([key, value]) => [
        key,
        value === null || typeof value === 'string' ? attack : value,
      ]),
    ) as unknown as ObservationView;
    const payloads = { input: payload(attack), output: hostile, metadata: payload(hostile.text) };
    const numbers = { endUs: null, completionStartUs: null, totalTokens: 1, totalCost: 1, promptVersion: 1 };
    const hostileComplaint = {
      code: attack,
      severity: attack,
      traceId: attack,
      observationId: attack,
      field: attack,
      message: attack,
    };
    const scores = [{ name: attack, count: 2, mean: null, last: attack }];
    const hostileSummary = {
      ...summary,
      id: attack,
      name: attack,
      userId: attack,
      sessionId: attack,
      environment: attack,
      tags: [attack],
      complaintCount: 1,
      scores,
    };
    const hostileTrace = { ...trace, ...hostileSummary, ...payloads, release: attack, version: attack };
    const pages = [
      list([hostileSummary]),
      tracesPage({
        traces: [],
        totalItems: 0,
        page: 1,
        limit: 50,
        baseUrl: attack,
        strayComplaints: [hostileComplaint],
        strayTotal: 1,
        size,
      }),
      errorPage(404, attack),
      tracePage({
        trace: hostileTrace,
        observations: [{ ...everywhere, ...numbers, ...payloads }],
        maxObservations: 1000,
        scores: [{ name: attack, observationId: attack, value: attack, comment: attack }],
        complaints: [hostileComplaint],
      }),
    ];
    for (const page of pages) {
      expect(page).not.toContain('<script');
      expect(page).not.toContain(`alert('x')`);
      expect(page).toContain('&lt;script&gt;');
      expectWellFormed(page);
    }
  });
});

describe('the size of the database', () => {
  const page = (more: Partial<typeof size> | { maxBytes: undefined }, traces = [summary]) =>
    tracesPage({
      traces,
      totalItems: traces.length,
      page: 1,
      limit: 50,
      baseUrl: '',
      ...noStrays,
      size: { ...size, ...more },
    });

  it('stands below the list with its bound, and with the number of evicted traces', () => {
    expect(page({})).toContain('The database holds 12.3 MiB of at most 2,048 MiB.</p>');
    expect(page({}, [])).toContain('The database holds 12.3 MiB of at most 2,048 MiB.</p>');
    expect(page({ maxBytes: undefined })).toContain('The database holds 12.3 MiB.</p>');
    expect(page({ evictedTraces: 1 })).toContain('2,048 MiB. 1 older trace was evicted.</p>');
    expect(page({ evictedTraces: 1234 })).toContain('2,048 MiB. 1,234 older traces were evicted.</p>');
  });
});

describe('complaints', () => {
  const complaint = {
    code: 'prompt-version-type',
    severity: 'dropped',
    traceId: 't1',
    observationId: 'o1',
    field: 'langfuse.observation.prompt.version',
    message: 'must be an integer',
  };

  it('are counted in the list, and listed there where no trace is stored', () => {
    expect(list([{ ...summary, complaintCount: 3 }])).toContain('>3 complaints</span>');
    expect(list([summary])).not.toContain('complaint');
    const content = { traces: [], totalItems: 0, page: 1, limit: 50, baseUrl: 'http://127.0.0.1:3210' };
    const strays = tracesPage({ ...content, strayComplaints: [complaint], strayTotal: 2, size });
    expect(strays).toContain('prompt-version-type');
    expect(strays).toContain('1 more are not shown');
  });

  it('are listed on the page of their trace, by the name of the observation', () => {
    const page = tracePage({
      trace: { ...trace, complaintCount: 1 },
      observations: [observation],
      maxObservations: 1000,
      scores: [],
      complaints: [complaint],
    });
    expect(page).toMatch(/prompt-version-type<\/th><td class="bad">dropped<\/td><td>work<\/td>/);
    expect(page).toContain('must be an integer');
    expectWellFormed(page);
  });
});

describe('the list of traces', () => {
  it('tells a newcomer where to send them', () => {
    expect(list([])).toContain('export LANGFUSE_BASE_URL=http://127.0.0.1:3210\n');
    expect(list([])).toContain('OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:3210\n');
  });

  it('shows what is unknown as unknown, and errors as errors', () => {
    const page = list([
      { ...summary, durationUs: null },
      { ...summary, errorCount: 3, totalTokens: 12_345 },
    ]);
    expect(page).toContain('<td class="number">–</td>');
    expect(page).toContain('<span class="bad">3</span>');
    expect(page).toContain('12,345');
  });

  it('links to the pages before and after', () => {
    const page = list([summary], 101, 2);
    expect(page).toContain('href="/?page=1&amp;limit=50"');
    expect(page).toContain('href="/?page=3&amp;limit=50"');
    expect(list([summary])).not.toContain('rel="next"');
  });
});

describe('figures that nobody gave', () => {
  const estimate = {
    usage: 'estimated',
    cost: 'estimated',
    price: 'genai-prices 1.2.3',
    priceModel: 'openai/gpt-4o',
    tokenizer: 'o200k_base',
    uncounted: 'media',
  };
  const generation = { ...observation, type: 'GENERATION', totalTokens: 1234, totalCost: 0.0123 };

  it('have a sign in front, and say how they came about', () => {
    const page = one([{ ...generation, usageDetails: '{"input":1234}', estimate }]);
    const counted = 'okens estimated: the text counted with o200k_base, without media';
    const priced = 'ost estimated: the estimated tokens at the price of openai/gpt-4o (genai-prices 1.2.3)';
    expect(page).toContain(`title="t${counted}">≈ 1,234 tok<`);
    expect(page).toContain(`title="t${counted}">≈ input 1234<`);
    expect(page).toContain(`title="c${priced}">≈ $0.0123<`);
    expect(page).toContain(`<dd>T${counted}. C${priced}</dd>`);
    expectWellFormed(page);
  });

  it('are only those: tokens that were given have none', () => {
    const page = one([{ ...generation, estimate: { ...estimate, usage: 'given', cost: 'computed' } }]);
    expect(page).toContain('>1,234 tok<');
    expect(page).toMatch(/cost computed: the given tokens at the price [^<]*≈ \$0\.0123</);
    expect(one([generation])).not.toContain('≈');
  });

  it('mark the sums that they are part of', () => {
    const sums = { totalTokens: 10, totalCost: 0.5, hasEstimatedTokens: true, hasEstimatedCost: true };
    for (const page of [list([{ ...summary, ...sums }]), one([], sums)]) {
      expect(page).toContain('≈ 10<');
      expect(page).toContain('≈ $0.50<');
    }
    expect(list([{ ...summary, totalTokens: 10, hasEstimatedCost: true }])).not.toContain('≈');
  });

  it('are unknown of a generation that has none, never 0', () => {
    const page = one([{ ...generation, totalTokens: null, totalCost: null }]);
    expect(page).toContain('<dt>Usage</dt><dd>unknown</dd>');
    expect(page).toContain('<dt>Cost</dt><dd>unknown</dd>');
    expect(one([observation])).not.toContain('unknown');
  });
});

describe('the page of a trace', () => {
  it('lays JSON out and shows chats as chats', () => {
    const messages = [
      { role: 'user', content: 'Where is\nmy flight?' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ function: { name: 'find', arguments: '{"id":7}' } }],
      },
      { role: 'tool', name: 'find', content: '{"status":"late"}' },
    ];
    const page = one([
      { ...observation, input: payload(JSON.stringify(messages)), output: payload('{"a":{"b":1}}') },
    ]);
    expect(page).toContain('<pre>Where is\nmy flight?</pre>');
    expect(page).toContain('find({\n  &quot;id&quot;: 7\n})');
    expect(page).toContain('tool · find');
    expect(page).toContain('{\n  &quot;a&quot;: {\n    &quot;b&quot;: 1\n  }\n}');
  });

  it('shows the beginning of a large payload, and where the rest is', () => {
    const chat = JSON.stringify([{ role: 'user', content: 'y'.repeat(50_000) }]);
    for (const large of [
      payload('x'.repeat(50_000)),
      payload(chat),
      { text: 'x'.repeat(20_000), fullLength: 9_000_000 },
    ]) {
      const page = one([{ ...observation, id: 'o/1', output: large }]);
      expect(page.length).toBeLessThan(45_000);
      expect(page).toContain('href="/trace/t1/o%2F1/output"');
    }
  });

  it('makes failures stand out, with their message', () => {
    const page = one([{ ...observation, level: 'ERROR', statusMessage: 'TimeoutError: 2000 ms' }], {
      errorCount: 1,
    });
    expect(page).toContain('<details class="node error"');
    expect(page).toContain('TimeoutError: 2000 ms');
  });

  it('says when not all observations are shown', () => {
    expect(one([observation], { observationCount: 1500 })).toContain('1,499 are not');
  });

  it('survives a tree a hundred thousand deep', () => {
    const deep = Array.from({ length: 100_000 }, (_, index) => ({
      ...observation,
      id: `o${index}`,
      parentId: `o${index - 1}`,
    }));
    expect(treeOrder(deep).at(-1)?.depth).toBe(99_999);
    expectWellFormed(one(deep.slice(0, 1000)));
  });
});

describe('the tree', () => {
  const node = (id: string, parentId: string | null) => ({ ...observation, id, parentId });
  const order = (...nodes: ObservationView[]) =>
    treeOrder(nodes).map((item) => `${'.'.repeat(item.depth)}${item.observation.id}`);

  it('is depth first, siblings in the order given, children before parents or not', () => {
    expect(order(node('c', 'a'), node('b', 'a'), node('a', null), node('d', 'b'), node('e', null))).toEqual([
      'a',
      '.c',
      '.b',
      '..d',
      'e',
    ]);
  });

  it('shows orphans and rings once, at the top', () => {
    expect(order(node('a', 'nowhere'), node('x', 'y'), node('y', 'x'), node('self', 'self'))).toEqual([
      'a',
      'x',
      '.y',
      'self',
    ]);
  });
});

describe('numbers', () => {
  it.each([
    [null, '–'],
    [0, '0 µs'],
    [999, '999 µs'],
    [1_500, '1.5 ms'],
    [250_000, '250 ms'],
    [1_234_567, '1.23 s'],
    [59_900_000, '59.9 s'],
    [61_000_000, '1 min 01 s'],
    [7_380_000_000, '2 h 03 min'],
  ])('a duration of %s µs is %s', (micros, text) => expect(duration(micros)).toBe(text));

  it('are grouped, and costs in dollars', () => {
    expect([count(null), count(1234567), cost(null), cost(0.00012), cost(1234.5)]).toEqual([
      '–',
      '1,234,567',
      '–',
      '$0.00012',
      '$1,234.50',
    ]);
  });
});
