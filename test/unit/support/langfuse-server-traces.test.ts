/** The model of a Langfuse server: what becomes of the spans of a trace. */
import { describe, expect, it } from 'vitest';
import { serverOf } from '../../support/langfuse-server/index.js';
import { at, otlpRequest, type SpanSpec, TRACE } from '../../support/langfuse-server/requests.js';
import { child, named, span, tracesOf } from '../../support/langfuse-server/spans.js';

describe('a trace of spans', () => {
  it.each<[string, SpanSpec[][], { 3: object; 4: object }]>([
    [
      'a late update of the root, which began earlier, loses on 3 and wins on 4',
      [[child(named('first'), { startMs: 5 })], [span(named('last'), { startMs: 0 })]],
      { 3: { name: 'first' }, 4: { name: 'last' } },
    ],
    [
      'of two spans of one millisecond, the one that arrived first wins on 3',
      [[child(named('first'), { startMs: 1.2 }), span(named('last'), { startMs: 1.9 })]],
      { 3: { name: 'first' }, 4: { name: 'last' } },
    ],
    [
      'a version that is not said overwrites on 3',
      [[span(named('t', { 'langfuse.version': 'v1' })), child(named('t'), { startMs: 1 })]],
      { 3: { version: null }, 4: { version: 'v1' } },
    ],
    [
      'a release that is not said overwrites on 3',
      [[span(named('t', { 'langfuse.release': 'r1' })), child(named('t'), { startMs: 1 })]],
      { 3: { release: null }, 4: { release: 'r1' } },
    ],
    [
      'public that is not said is false on 3, and stays true on 4',
      [[span({ 'langfuse.trace.public': true }), child(named('t'), { startMs: 1 })]],
      { 3: { public: false }, 4: { public: true } },
    ],
    [
      'a false public is no update of the trace',
      [[span({ 'langfuse.trace.public': true }), child({ 'langfuse.trace.public': false }, { startMs: 1 })]],
      { 3: { public: true }, 4: { public: true } },
    ],
    [
      'a user that is not said stays',
      [[span({ 'user.id': 'u', 'session.id': 's' }), child(named('t'), { startMs: 1 })]],
      { 3: { userId: 'u', sessionId: 's' }, 4: { userId: 'u', sessionId: 's' } },
    ],
    [
      'tags are united and sorted on 3, the last ones on 4',
      [[span({ 'langfuse.trace.tags': ['b'] }), child({ 'langfuse.trace.tags': ['a'] }, { startMs: 1 })]],
      { 3: { tags: ['a', 'b'] }, 4: { tags: ['a'] } },
    ],
    [
      'the time is that of the first event on 3, the earliest of all on 4',
      [[span(named('t'), { startMs: 3 }), child({}, { startMs: 1 })]],
      { 3: { timestamp: at(3) }, 4: { timestamp: at(1) } },
    ],
    [
      'the time of a later event does not change it',
      [[span(named('t'), { startMs: 1 }), child(named('u'), { startMs: 2 })]],
      { 3: { timestamp: at(1), name: 'u' }, 4: { timestamp: at(1) } },
    ],
    [
      'a root says what its trace is called, though the trace is known',
      [[child({}, { startMs: 1 })], [span({}, { name: 'root', startMs: 1 })]],
      { 3: { name: 'root' }, 4: { name: 'root' } },
    ],
    [
      'a span that is sent again has arrived last',
      [[span(named('first'))], [child(named('second'), { startMs: 1 })], [span(named('third'))]],
      { 3: { name: 'second' }, 4: { name: 'third' } },
    ],
    [
      'tags as an empty text are none',
      [[span({ 'langfuse.trace.tags': '', 'langfuse.tags': '' })]],
      { 3: { tags: [] }, 4: { tags: [] } },
    ],
    [
      'the environment is that of the first event on 3, the last one on 4',
      [
        [
          span({ 'langfuse.environment': 'one' }),
          child(named('t', { 'langfuse.environment': 'two' }), { startMs: 1 }),
        ],
      ],
      { 3: { environment: 'one' }, 4: { environment: 'two' } },
    ],
    [
      'input and output are those of the root',
      [[span({ 'langfuse.observation.input': 'in' }), child({ 'langfuse.observation.output': 'no' })]],
      { 3: { input: 'in', output: null }, 4: { input: 'in', output: null } },
    ],
    [
      "a trace's own input counts on 3 alone",
      [[span({ 'langfuse.observation.input': 'span', 'langfuse.trace.input': 'trace' })]],
      { 3: { input: 'trace' }, 4: { input: 'span' } },
    ],
    [
      'a root without a trace name gives its own',
      [[span({}, { name: 'root' }), child({}, { name: 'child' })]],
      { 3: { name: 'root' }, 4: { name: 'root' } },
    ],
    [
      'the root of an application gives its name on 4, one that is marked as root on 3',
      [[child({ 'langfuse.internal.is_app_root': true }, { name: 'app' })]],
      { 3: { name: null }, 4: { name: 'app' } },
    ],
    [
      'a span that is marked as root is one on 3',
      [[child({ 'langfuse.internal.as_root': true }, { name: 'marked' })]],
      { 3: { name: 'marked' }, 4: { name: null } },
    ],
    [
      'a shallow event, of a trace that is new, says nothing but that it is there',
      [[child({ 'langfuse.version': 'v' })]],
      { 3: { id: TRACE, name: null, version: null }, 4: { version: 'v' } },
    ],
    [
      'a shallow event beside a full one of the same request does not count',
      [[child({}, { startMs: 0 }), span(named('t'), { startMs: 4 })]],
      { 3: { timestamp: at(4) }, 4: { timestamp: at(0) } },
    ],
    [
      'a span that is sent again replaces its row on 4, and adds an event on 3',
      [[span({ 'user.id': 'u1' })], [span({})]],
      { 3: { userId: 'u1' }, 4: { userId: null } },
    ],
  ])('%s', (_, requests, expected) => {
    expect(tracesOf(3, ...requests)).toMatchObject(expected[3]);
    expect(tracesOf(4, ...requests)).toMatchObject(expected[4]);
  });

  it('whose files are listed in another order is another one where times are the same', () => {
    const requests = [otlpRequest([span(named('one'))]), otlpRequest([child(named('two'))])];
    expect(serverOf(3, requests).traces.get(TRACE)?.name).toBe('one');
    expect(serverOf(3, requests, 'reversed').traces.get(TRACE)?.name).toBe('two');
  });
});
