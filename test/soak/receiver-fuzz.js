/**
 * Mutated bodies and hostile questions for a receiver in a process of its own: it may refuse what it likes, but it answers,
 * never with 500 or more, and whatever it has stored can be read. Each body is made of the seed and its number alone.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { COMPLAINT_CODES } from '../../dist/ingest/complaint-codes.js';
import { HOSTILE_PARTS } from './hostile-values.js';
import { monsters } from './monsters.js';
import { mutateJson, pick } from './mutate-json.js';
import { mutateProtobuf } from './mutate-protobuf.js';
import { chance } from './pattern.js';
import { realBodies } from './receiver-corpus.js';

const HOST = fileURLToPath(new URL('./receiver-host.mjs', import.meta.url));
const AUTHORIZATION = `Basic ${btoa('pk:sk')}`;
const ANSWER_TIMEOUT_MS = 60_000;
const MAX_FAULTS = 10;
const MAX_KNOWN = 100;
/** So many requests are under way at once. */
const LANES = 4;

/**
 * @returns Counts of answers by status, the longest standstill of the receiver's event loop (and what of it the receiver
 * has computed), the most memory that it had, and what was wrong.
 */
export async function fuzzReceiver({ seed, bodies, monsterEvery = 250, onProgress = () => {} }) {
  const host = fork(HOST, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [{ url }] = await once(host, 'message');
  const fuzz = {
    url,
    seed,
    number: 0,
    next: 0,
    statuses: {},
    readStatuses: {},
    codes: new Set(),
    faults: [],
    ids: [],
    life: { died: false },
  };
  host.once('exit', (code, signal) => {
    fuzz.life.died = true;
    fault(fuzz, `the receiver has died (${code ?? signal})`);
  });
  const real = await realBodies();
  const huge = monsters();
  const isOver = () => fuzz.next >= bodies || fuzz.life.died || fuzz.faults.length >= MAX_FAULTS;
  const isMonster = (number) => number % monsterEvery === monsterEvery - 1;
  const lane = async () => {
    while (!isOver() && !isMonster(fuzz.next)) {
      const number = fuzz.next++;
      const random = chance(seed * 1_000_003 + number);
      await sendOne({ ...fuzz, number }, mutated(pick(real, random), random), random);
      if (number % 1_000 === 998) onProgress(number + 2);
    }
  };
  while (!isOver()) {
    await Promise.all(Array.from({ length: LANES }, lane));
    if (isOver()) break;
    // Alone, so that a standstill is of one request; and what is huge is read once.
    const number = fuzz.next++;
    const make = huge[Math.floor(number / monsterEvery) % huge.length];
    await sendOne({ ...fuzz, number }, make(), chance(seed * 1_000_003 + number));
    await readAllAndDelete({ ...fuzz, number });
  }
  await readAllAndDelete(fuzz);
  if (!fuzz.life.died) {
    host.send('measure');
    const [{ failures, ...measured }] = await once(host, 'message');
    for (const failure of failures) fault(fuzz, `not stored: ${failure}`);
    Object.assign(fuzz, measured);
    host.removeAllListeners('exit');
    const ended = once(host, 'exit');
    host.disconnect();
    await ended;
  }
  const { statuses, readStatuses, codes, faults, maxStallMs, maxBusyMs, maxRssMiB } = fuzz;
  return {
    bodies: fuzz.next,
    statuses,
    readStatuses,
    codes: [...codes].sort(),
    maxStallMs,
    maxBusyMs,
    maxRssMiB,
    faults,
  };
}

/** `fuzz` has the number of this body. */
async function sendOne(fuzz, sent, random) {
  await post(fuzz, sent);
  await readSome(fuzz, random);
}

function mutated(real, random) {
  let { body } = real;
  const isJson = real.type === 'application/json' && real.method !== 'PUT';
  const isProtobuf = real.type === 'application/x-protobuf';
  const kind = random(10);
  if (kind < 9 && isJson) body = Buffer.from(mutateJson(body.toString(), random));
  else if (kind < 9 && isProtobuf) body = mutateProtobuf(body, random);
  if (kind >= 8) body = damaged(body, random);
  const headers = { 'content-type': real.type };
  if (isProtobuf && random(4) === 0) {
    body = gzipSync(body);
    if (random(4) === 0) body = damaged(body, random);
    headers['content-encoding'] = 'gzip';
  }
  if (random(200) === 0)
    headers['content-type'] = pick(['text/plain', 'application/json', 'application/x-protobuf', 'a'], random);
  if (random(200) === 0) headers['content-encoding'] = pick(['gzip', 'br', 'identity'], random);
  const path = random(100) === 0 ? `${real.path}/${pick(HOSTILE_PARTS, random)}` : real.path;
  return { method: real.method, path, headers, body };
}

/** Bits turned, pieces left out or written twice, the end cut off. */
function damaged(body, random) {
  if (body.length === 0) return body;
  const copy = Buffer.from(body);
  switch (random(4)) {
    case 0:
      for (let bits = 1 + random(8); bits > 0; bits--) copy[random(copy.length)] ^= 1 << random(8);
      return copy;
    case 1:
      return copy.subarray(0, random(copy.length));
    case 2: {
      const start = random(copy.length);
      const end = start + random(copy.length - start);
      return Buffer.concat([copy.subarray(0, end), copy.subarray(start)]);
    }
    default: {
      const start = random(copy.length);
      return Buffer.concat([copy.subarray(0, start), copy.subarray(start + random(40))]);
    }
  }
}

async function post(fuzz, { method, path, headers, body }) {
  const answer = await ask(fuzz, path, { method, headers, body });
  if (answer === undefined) return;
  fuzz.statuses[answer.status] = (fuzz.statuses[answer.status] ?? 0) + 1;
}

const AGGREGATIONS = ['count', 'sum', 'avg', 'min', 'max', 'p50', 'p99', 'histogram', 'uniq'];
const metricsQuery = (view, dimensions, measures) =>
  `query=${encodeURIComponent(
    JSON.stringify({
      view,
      dimensions: dimensions.map((field) => ({ field })),
      metrics: measures.flatMap((measure) => AGGREGATIONS.map((aggregation) => ({ measure, aggregation }))),
      timeDimension: { granularity: 'month' },
      fromTimestamp: '0000-01-01T00:00:00Z',
      toTimestamp: '9999-12-31T23:59:59Z',
      orderBy: [{ field: 'time_dimension', direction: 'desc' }],
    }),
  )}`;
const LISTS = [
  '/',
  '/api/tailrace/traces',
  '/api/tailrace/facets',
  '/api/tailrace/series',
  '/api/tailrace/complaints',
  '/api/public/traces',
  '/api/public/observations',
  '/api/public/v2/observations?fields=core,basic,time,io,metadata,model,usage,prompt,metrics,trace_context',
  '/api/public/sessions',
  '/api/public/scores',
  '/api/public/v2/scores',
  '/api/public/v3/scores?fields=core,details,subject,annotation',
  '/api/public/tailrace/complaints',
  `/api/public/metrics?${metricsQuery('traces', ['name', 'tags'], ['latency', 'totalTokens', 'totalCost'])}`,
  `/api/public/v2/metrics?${metricsQuery('observations', ['usageType', 'name'], ['latency', 'inputTokens', 'outputCost', 'tokensPerSecond', 'usageByType'])}`,
  `/api/public/v2/metrics?${metricsQuery('scores-numeric', ['name'], ['value'])}`,
];
const PARAMETERS =
  'page limit userId name sessionId release version tags environment fromTimestamp toTimestamp orderBy fields filter type level traceId parentObservationId fromStartTime toStartTime cursor isRootObservation expandMetadata value operator dataType source scoreIds observationId traceTags valueMin valueMax code severity estimates q from to status score scored metadata tag user session model minCost maxDuration sort id query';
const FILTERS = [
  [{ type: 'string', column: 'name', operator: 'contains', value: 'a\u0000\ud800' }],
  [{ type: 'stringObject', column: 'metadata', key: '__proto__', operator: '=', value: 'x' }],
  [{ type: 'numberObject', column: 'metadata', key: 'length', operator: '>', value: -1 }],
  [{ type: 'arrayOptions', column: 'tags', operator: 'all of', value: Array(400).fill('a') }],
  [{ type: 'datetime', column: 'timestamp', operator: '>', value: '+275760-09-13T00:00:00Z' }],
  [{ type: 'number', column: 'totalCost', operator: '<', value: 1e308 }],
  Array(60).fill({ type: 'null', column: 'name', operator: 'is null', value: '' }),
  { toString: 1 },
  [[[]]],
];

/** Two questions after each body: one that must be answered with what is stored, and one that is hostile. */
async function readSome(fuzz, random) {
  const list = pick(LISTS, random);
  const answer = await read(fuzz, list, { isFound: true });
  note(fuzz, answer);
  const known = pick(fuzz.ids, random);
  if (known !== undefined && random(2) === 0) {
    await read(fuzz, pick(pathsOf(known), random));
    return;
  }
  const parameters = PARAMETERS.split(' ');
  const query = Array.from(
    { length: random(4) },
    () => `${pick(parameters, random)}=${pick(HOSTILE_PARTS, random)}`,
  );
  if (random(3) === 0) query.push(`filter=${encodeURIComponent(JSON.stringify(pick(FILTERS, random)))}`);
  const hostile =
    random(4) === 0
      ? `${list.split('?')[0]}/${pick(HOSTILE_PARTS, random)}`
      : `${list.split('?')[0]}?${query.join('&')}`;
  await read(fuzz, hostile);
}

async function readAllAndDelete(fuzz) {
  const traceIds = new Set();
  for (const list of LISTS) {
    const answer = await read(fuzz, list, { isFound: true });
    note(fuzz, answer);
    if (list === '/api/public/traces') for (const { id } of answer?.json?.data ?? []) traceIds.add(id);
  }
  const known = fuzz.ids.splice(0);
  for (const one of known) for (const path of pathsOf(one)) await read(fuzz, path);
  for (const traceId of traceIds) {
    for (const path of pathsOf({ kind: 'trace', traceId, id: traceId })) await read(fuzz, path);
  }
  for (const { traceId } of known) traceIds.add(traceId);
  if (traceIds.size === 0) return;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ traceIds: [...traceIds].slice(0, 1000) });
  const deleted = await ask(fuzz, '/api/public/traces', { method: 'DELETE', headers, body });
  if (deleted !== undefined && deleted.status !== 200)
    fault(fuzz, `traces are not deleted: ${deleted.status}`);
}

function pathsOf({ traceId, id, kind }) {
  const [trace, one] = [encodeURIComponent(traceId), encodeURIComponent(id)];
  if (kind === 'score') return [`/api/public/scores/${one}`, `/api/public/v2/scores/${one}`];
  if (kind === 'observation')
    return [
      `/api/public/observations/${one}?estimates=true`,
      `/api/tailrace/trace/${trace}/observation/${one}`,
      `/trace/${trace}/${one}/input`,
      `/trace/${trace}/${one}/output`,
      `/trace/${trace}/${one}/metadata`,
    ];
  return [
    `/trace/${trace}`,
    `/api/tailrace/trace/${trace}`,
    `/api/tailrace/trace/${trace}/payloads`,
    `/api/public/traces/${trace}?estimates=true`,
    `/trace/${trace}/input`,
    `/trace/${trace}/output`,
    `/trace/${trace}/metadata`,
  ];
}

/** Remembers what a list names, and looks at its complaints. */
function note(fuzz, answer) {
  for (const row of answer?.json?.data ?? []) {
    if (row.severity !== undefined) {
      fuzz.codes.add(row.code);
      if (COMPLAINT_CODES[row.code] === undefined || /undefined|\[object/.test(row.message)) {
        fault(fuzz, `a complaint that says nothing: ${JSON.stringify(row).slice(0, 300)}`);
      }
    } else if (row.dataType !== undefined)
      fuzz.ids.push({ kind: 'score', id: row.id, traceId: row.traceId ?? '' });
    else if (row.traceId !== undefined)
      fuzz.ids.push({ kind: 'observation', id: row.id, traceId: row.traceId });
    else if (row.htmlPath !== undefined) fuzz.ids.push({ kind: 'trace', id: row.id, traceId: row.id });
  }
  if (fuzz.ids.length > MAX_KNOWN) fuzz.ids.splice(0, fuzz.ids.length - MAX_KNOWN);
}

async function read(fuzz, path, { isFound = false } = {}) {
  const answer = await ask(fuzz, path, { headers: { accept: 'text/html' } });
  if (answer === undefined) return undefined;
  fuzz.readStatuses[answer.status] = (fuzz.readStatuses[answer.status] ?? 0) + 1;
  if (isFound && answer.status !== 200)
    fault(fuzz, `${path} is answered with ${answer.status}: ${answer.text.slice(0, 200)}`);
  return answer;
}

/** Undefined: there was no answer, which is a fault. */
async function ask(fuzz, path, { headers, ...init }) {
  if (fuzz.life.died) return undefined;
  try {
    const response = await fetch(`${fuzz.url}${path}`, {
      ...init,
      headers: { authorization: AUTHORIZATION, ...headers },
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    const text = await response.text();
    if (response.status >= 500)
      fault(
        fuzz,
        `${init.method ?? 'GET'} ${path.slice(0, 200)} is answered with ${response.status}: ${text.slice(0, 200)}`,
      );
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return { status: response.status, text, json: isJson ? JSON.parse(text) : undefined };
  } catch (error) {
    fault(fuzz, `${init.method ?? 'GET'} ${path.slice(0, 200)} has no answer: ${error.cause ?? error}`);
    return undefined;
  }
}

function fault(fuzz, what) {
  fuzz.faults.push(`seed ${fuzz.seed}, body ${fuzz.number}: ${what}`);
}
