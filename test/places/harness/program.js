/** The program that is traced in every place: all three entries, every way to send, and the end that `ENDING` names. */

const BODY = `
const client = new Tailrace();
const processor = new TailraceSpanProcessor({ shouldExportSpan: () => true });
if (typeof createEngine !== 'function') throw new TypeError('tailrace/engine has no createEngine');

const trace = client.trace({ name: 'trace', input: 'hello' });
const span = trace.span({ name: 'span' });
const generation = span.generation({ name: 'generation', model: 'gpt-4o', input: [{ role: 'user', content: 'hello' }] });
generation.end({ output: 'hello', usageDetails: { input: 1, output: 1 } });
span.end();
trace.score({ name: 'score', value: 1 });
processor.onEnd({
  name: 'opentelemetry',
  kind: 0,
  spanContext: () => ({ traceId: '0123456789abcdef0123456789abcdef', spanId: 'fedcba9876543210', traceFlags: 1 }),
  startTime: [1_700_000_000, 1],
  endTime: [1_700_000_000, 2],
  status: { code: 0 },
  attributes: {},
  events: [],
  links: [],
  resource: { attributes: { 'service.name': 'place' } },
  instrumentationScope: { name: 'place' },
});

const ending = process.env.ENDING;
if (ending === 'exit') process.exit(0);
if (ending === 'shutdown') {
  Promise.all([client.shutdown(), processor.shutdown()]).then(([counts]) => {
    console.log('counts', JSON.stringify(counts));
  });
}
if (ending === 'signal') {
  setInterval(() => {}, 1000);
  console.log('ready');
}
`;

/** For the module systems: the same program, each with its own way to get at the package. */
export const ESM = `import { Tailrace } from 'tailrace';
import { createEngine } from 'tailrace/engine';
import { TailraceSpanProcessor } from 'tailrace/otel';
${BODY}`;

export const CJS = `const { Tailrace } = require('tailrace');
const { createEngine } = require('tailrace/engine');
const { TailraceSpanProcessor } = require('tailrace/otel');
${BODY}`;

export const FILES = { 'program.mjs': ESM, 'program.cjs': CJS, 'program.ts': ESM };

export const SPANS = ['generation', 'opentelemetry', 'span', 'trace'];
export const SCORES = ['score'];
