/**
 * Runs clients into everything that makes messages, each holding secrets and payloads, and writes what was told to its
 * standard output. Arguments: the address of a server that shows what it is sent, and where messages are to go.
 */
import { subscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import { Tailrace, TailraceMedia } from 'tailrace';
import { createEngine } from 'tailrace/engine';

const [server, way] = process.argv.slice(2);
const KINDS = ['error', 'drop', 'warning', 'debug'];

const SECRET = 'sk-lf-5weep-secret';
const TOKEN = 'Bearer 5weep-token';
const PASSWORD = '5weep-password';
const PAYLOAD = 'PATIENT 5weep has diabetes';

const told = [];
const collect = (message) => told.push(String(message?.message ?? message));
for (const kind of KINDS) subscribe(`tailrace:${kind}`, collect);
const logger = { debug: collect, info: collect, warn: collect, error: collect };

const common = {
  logLevel: 'debug',
  flushTimeoutMs: 3_000,
  requestTimeout: 500,
  flushInterval: 0.01,
  ...(way === 'logger' ? { logger } : {}),
};

function listen(source) {
  if (way === 'listeners') for (const kind of KINDS) source.on(kind, collect);
  return source;
}

function clientOf(path, options = {}) {
  return listen(
    new Tailrace({
      ...common,
      publicKey: 'pk-lf-public',
      secretKey: SECRET,
      baseUrl: `${server}/${path}`,
      additionalHeaders: { 'x-proxy': TOKEN, cookie: 'session=5weep-cookie' },
      ...options,
    }),
  );
}

function traceTo(client) {
  const trace = client.trace({ name: 'trace', metadata: { note: PAYLOAD }, input: PAYLOAD });
  const messages = [{ role: 'user', content: PAYLOAD }];
  trace.generation({ name: 'generation', input: messages }).end({ output: { text: PAYLOAD } });
  trace.span({ name: 'span', statusMessage: PAYLOAD }).end({ output: `"${PAYLOAD}"\n<b>${PAYLOAD}</b>` });
  trace.score({ name: 'score', value: 1, comment: PAYLOAD });
}

async function run(path, options, use = traceTo) {
  const client = clientOf(path, options);
  await use(client);
  await client.shutdown();
  client.trace({ name: 'late', input: PAYLOAD });
  collect(inspect(client, { depth: 5 }));
  collect(JSON.stringify(client));
}

const WRONG = {
  environment: SECRET,
  flushAt: SECRET,
  flushInterval: TOKEN,
  sampleRate: SECRET,
  tags: SECRET,
  compression: SECRET,
  protocol: SECRET,
  worker: Symbol(SECRET),
  redact: SECRET,
  estimateUsage: SECRET,
  prices: TOKEN,
  maxBatchBytes: SECRET,
  spool: SECRET,
};

const broken = {
  get input() {
    throw new Error(`no input for ${PAYLOAD}`);
  },
};

const unserializable = (client) => {
  const cycle = { text: PAYLOAD, big: 10n ** 40n, symbol: Symbol(PAYLOAD) };
  cycle.self = cycle;
  const { proxy, revoke } = Proxy.revocable({ text: PAYLOAD }, {});
  revoke();
  client.generation(broken).end();
  client.span({ name: 'cycle', input: cycle, output: proxy }).end();
  client.span({ name: 'type', input: PAYLOAD, level: PAYLOAD, environment: PAYLOAD }).end();
  client.startObservation('wrong', { input: PAYLOAD }, { asType: SECRET, parentSpanContext: PAYLOAD }).end();
  client.on(SECRET, collect);
  client.flush(() => undefined);
};

const withMedia = (client) => {
  const base64DataUri = `data:image/png;base64,${Buffer.from(PAYLOAD.repeat(20)).toString('base64')}`;
  client.span({ name: 'media', input: { base64DataUri, text: base64DataUri } }).end();
  const contentBytes = Buffer.from(PAYLOAD);
  const media = [{ contentBytes, contentType: 'text/plain' }, { base64DataUri: PAYLOAD }, { contentBytes }];
  client.span({ name: 'wrapped', input: media.map((one) => new TailraceMedia(one)) }).end();
};

const overflow = (client) => {
  for (let i = 0; i < 50; i++) client.span({ name: 'large', input: PAYLOAD.repeat(1000) }).end();
};

const moduleOf = (source) => `data:text/javascript,${encodeURIComponent(source)}`;
const throwing = moduleOf(`export const mask = ({ data }) => { throw new Error(JSON.stringify(data)); }`);

const SHOWING = ['400', '401', '403', '404', '413', '500', 'page', 'refusing', 'rejecting', 'redirect'];
const CASES = [
  ...SHOWING.map((path) => [path]),
  ['400', { protocol: 'ingestion' }],
  ['refusing', { protocol: 'ingestion' }],
  ['401', { publicKey: SECRET, secretKey: 'pk-lf-public' }],
  ['401', { publicKey: SECRET }],
  ['silent'],
  ['taking', { baseUrl: server.replace('//', `//user:${PASSWORD}@`) }],
  ['taking', WRONG],
  ['taking', { baseUrl: `localhost:${PASSWORD}@host` }],
  ['taking', { additionalHeaders: `authorization: ${TOKEN}`, unknown: SECRET }],
  ['taking', { additionalHeaders: { [`authorization: ${TOKEN}`]: '', accept: `${TOKEN}\n${TOKEN}` } }],
  ['taking', {}, unserializable],
  ['taking', { maskModule: throwing }],
  ['taking', { mask: ({ data }) => JSON.parse(data) }],
  ['media', {}, withMedia],
  ['500', { spoolDir: '/dev/null/spool' }],
  ['silent', { ringBytes: 65_536, sideLaneBytes: 0 }, overflow],
  ['taking', { maxEventBytes: 4096 }, overflow],
];
// A few at a time: all of them would starve each other on a small machine.
const next = CASES.values();
const workThrough = async () => {
  for (const [path, options, use] of next) await run(path, options, use);
};
await Promise.all([workThrough(), workThrough(), workThrough()]);
listen(new Tailrace(SECRET));

const source = `export const createExporter = () => ({
  bodyBytes: () => 0,
  encode(event) {
    if (event.poison) JSON.parse(event.text);
    return { lane: 'events', id: 'one', bytes: Buffer.from(event.text) };
  },
  request() { return JSON.parse('${PAYLOAD}'); },
});`;
const engine = listen(createEngine({ ...common, exporter: { url: moduleOf(source) } }));
engine.push({ text: PAYLOAD, poison: true });
engine.push({ text: PAYLOAD });
await engine.shutdown();
// Warnings of the last constructors come in a microtask, a line of the console in a turn.
setImmediate(() => process.stdout.write(JSON.stringify(told)));
