/** Three more conversations, at the edges of what an application may say of one; and scores of every type. */
import { oddValues } from './odd-values.js';
import { at, end, finish, score, start, trace, traceIdOf, update, updateTrace } from './step-makers.js';
import type { Step } from './steps.js';

/** Another of the first session, from here with less care. */
export const complaint = (): Step[] => [
  trace('complaint', {
    id: traceIdOf(2),
    name: 'complaint',
    userId: 'user-7',
    sessionId: 'session-1',
    environment: 'night-shift',
    release: 'desk-2.2',
    public: true,
    timestamp: at(1000),
  }),
  start('read-mail', 'span', 'complaint', { startTime: at(1010), input: '', output: 'line one\nline two' }),
  end('read-mail', { endTime: at(1020), level: 'WARNING' }),
  start('unended', 'span', 'complaint', { startTime: at(1016) }),
  updateTrace('complaint', { public: false, userId: null, tags: [] }),
  start('inner', 'span', 'read-mail', { startTime: at(1015), endTime: at(1018), statusMessage: null }),
  update('inner', { output: 'late', level: 'ERROR' }),
  update('unended', { input: 'a span that is never ended', metadata: 'of which only text is said' }),
  finish('complaint', at(1020)),
];

/** Metadata of every shape, ids of other systems, traces with hardly anything. */
export const corners = (): Step[] => [
  trace('text-metadata', {
    id: traceIdOf(3),
    name: 'text-metadata',
    metadata: 'only text',
    timestamp: at(2000),
  }),
  start('list-metadata', 'span', 'text-metadata', {
    startTime: at(2010),
    metadata: ['a', { b: 1 }],
    endTime: at(2011),
  }),
  start('number-metadata', 'span', 'text-metadata', { startTime: at(2012), metadata: 7, endTime: at(2013) }),
  start('text-in-metadata', 'span', 'text-metadata', {
    startTime: at(2014),
    metadata: {
      json: '{"a":1}',
      number: '17',
      empty: '',
      nothing: null,
      off: false,
      zero: 0,
      'a.b': { 'c.d': 1 },
    },
    endTime: at(2015),
  }),
  finish('text-metadata', at(2020)),
  trace('bare', { timestamp: at(2100) }),
  start('only-child', 'span', 'bare', { startTime: at(2110), endTime: at(2120) }),
  finish('bare', at(2120)),
  trace('ticket-4711', { id: 'ticket-4711', name: 'ticket', sessionId: 'session-1', timestamp: at(2200) }),
  start('step/1', 'span', 'ticket-4711', { id: 'step/1', startTime: at(2210), endTime: at(2220) }),
  finish('ticket-4711', at(2220)),
  start('job', 'span', null, { startTime: at(2300), input: { nightly: true } }),
  start('job-part', 'generation', 'job', { startTime: at(2310), model: 'gpt-4o', input: 'count me' }),
  end('job-part', { output: 'counted', endTime: at(2330) }),
  end('job', { output: 'done', endTime: at(2340) }),
  trace('clock', { id: traceIdOf(4), name: 'clock' }),
  start('by-the-clock', 'span', 'clock', {}),
  end('by-the-clock', { output: 'ended without a time' }),
  finish('clock', at(2400)),
];

/** A trace of values that JSON has no word for. */
export const odd = (): Step[] => [
  trace('odd', { id: traceIdOf(5), name: 'odd', timestamp: at(3000) }),
  ...Object.entries(oddValues).flatMap(([name, value], index) => [
    start(name, 'span', 'odd', {
      startTime: at(3010 + index * 10),
      endTime: at(3015 + index * 10),
      input: value,
      output: { value },
      metadata: { value },
    }),
  ]),
  finish('odd', at(4000)),
];

export const scores = (): Step[] => [
  score({ trace: 'order' }, { id: 'score-1', name: 'helpful', value: 0.75, comment: 'quick 🙂' }),
  score({ trace: 'order' }, { id: 'score-2', name: 'category', value: 'delivery' }),
  score({ trace: 'order' }, { id: 'score-3', name: 'solved', value: 1, dataType: 'BOOLEAN' }),
  score({ trace: 'order' }, { id: 'score-4', name: 'approved', value: true }),
  score({ trace: 'complaint' }, { id: 'score-5', name: 'remark', value: 'long text', dataType: 'TEXT' }),
  score(
    { observation: 'compose' },
    { id: 'score-6', name: 'better', value: 'It was shipped.', dataType: 'CORRECTION' },
  ),
  score(
    { observation: 'compose' },
    {
      id: 'score-7',
      name: 'faithful',
      value: 1,
      metadata: { judge: 'gpt-4o', votes: [1, 1] },
      environment: 'eval',
    },
  ),
  score({ session: 'session-1' }, { id: 'score-8', name: 'satisfied', value: 4 }),
  score({ trace: 'order' }, { id: 'score-1', name: 'helpful', value: 0.5, comment: null }),
];
