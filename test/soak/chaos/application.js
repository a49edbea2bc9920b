/**
 * One life of an application: a client with options at random, events, threads that come and go, and workers that are
 * killed, until it shuts down. Looks at the books when it has.
 */
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Tailrace } from 'tailrace';
import { chance } from '../pattern.js';
import { pushEvent } from './events.js';
import { BEGUN, HANDED_OVER, TOLD } from './thread-words.js';
import { CALM_MS } from './weather.js';

const MASK = new URL('./mask.mjs', import.meta.url);
const THREAD = new URL('./thread.mjs', import.meta.url);
const THREAD_ENDS = ['by itself', 'exit', 'shutdown', 'terminate'];
/** What the mask module does now and then, once its event is taken off the ring. */
const TROUBLE = ['slow', 'slow', 'throws', 'exits', 'throwsLater'];
/** From the return of the server on, or from the last death of a worker: what its mask dies of may wait on the ring until then. */
const LOSS_ENDS_AFTER_MS = 2_000;
const MiB = 1024 * 1024;

/** Half of the lives have a spool, and take over what those before have left in it. */
function optionsOf(random, spoolDir) {
  return {
    flushAt: [1, 20, 100, 512][random(4)],
    flushInterval: [0.05, 0.3, 1][random(3)],
    ringBytes: 2 ** (17 + random(6)),
    sideLaneBytes: 8 * 1024 * 1024,
    maxInFlight: [2, 4, 16][random(3)],
    requestTimeout: 1_000,
    flushTimeoutMs: 5_000,
    compression: random(2) ? 'gzip' : 'none',
    protocol: random(4) === 0 ? 'ingestion' : 'otel',
    workers: random(4) === 0 ? 2 : 1,
    ...(random(3) > 0 && { maskModule: MASK }),
    ...(random(2) && { spoolDir, spool: random(2) ? 'failed' : 'always' }),
    handleSignals: false,
  };
}

/**
 * @param life `number`, `seed`, `ms`, `spoolDir`, `url` of the server, its `outages`; `isStuckAllowed`: whether some records
 * never come back from the mask.
 * @returns what it has handed over, its counts, what is wrong, and what was lost late, with a sound server.
 */
export async function liveOnce({ number, seed, ms, spoolDir, url, outages, isStuckAllowed }) {
  const random = chance(seed);
  const options = optionsOf(random, spoolDir);
  const client = new Tailrace({
    publicKey: 'pk-chaos',
    secretKey: 'sk-chaos-secret',
    baseUrl: url,
    ...options,
  });
  const heard = { told: 0, messages: new Map() };
  client.on('error', (message, { events }) => {
    heard.told += events;
    note(heard.messages, message);
  });
  client.on('warning', (message) => note(heard.messages, message));
  client.on('drop', () => {});

  const workers = new Set();
  let isWorkerOfOurs = true;
  const onWorker = (worker) => {
    if (!isWorkerOfOurs) return;
    workers.add(worker);
    worker.once('exit', () => {
      workers.delete(worker);
      life.workerEndedAt = performance.now();
    });
  };
  process.on('worker', onWorker);

  const life = {
    client,
    random,
    number,
    next: 0,
    isOver: false,
    settledAtKill: 0,
    workerEndedAt: 0,
    kills: 0,
    stuck: 0,
    threads: [],
  };
  const losses = watchLosses(life, outages);
  const isCalm = () => performance.now() < (outages.at(-1)?.until ?? 0) + CALM_MS;
  const isTroubled = () => !isCalm() && hasSettledSome(life);
  const pushing = pushStream(life, { isTroubled: () => options.maskModule && isTroubled(), isStuckAllowed });
  const killing = killNowAndThen(life, workers, isTroubled);
  const threading = startThreads(life, (start) => {
    isWorkerOfOurs = false;
    const thread = start();
    isWorkerOfOurs = true;
    return thread;
  });
  await setTimeout(ms);
  life.isOver = true;
  await Promise.all([pushing, killing, threading]);
  if (random(3) === 0) await client.flush();
  const counts = await client.shutdown();
  losses.end();
  process.off('worker', onWorker);
  // A record that does not come back holds up those behind it until the watchdog has seen it; and a ring that holds a tenth of a
  // second of what is traced here, or a request for each event, loses some whatever the server does.
  const isJudged = life.stuck === 0 && options.ringBytes >= MiB && options.flushAt > 1;
  const late = isJudged ? losses.late : [];
  return { number, options, life, counts, heard, late, faults: faultsOf(life, counts, heard) };
}

function note(messages, message) {
  const kind = message.replace(/[0-9a-f-]{16,}|\d[\d.,]*/g, '#').slice(0, 160);
  messages.set(kind, (messages.get(kind) ?? 0) + 1);
}

async function pushStream(life, { isTroubled, isStuckAllowed }) {
  const { client, random, number } = life;
  while (!life.isOver) {
    for (let i = random(20); i > 0; i--) {
      const trouble = isTroubled() && random(300) === 0 ? TROUBLE[random(TROUBLE.length)] : undefined;
      const isStuck = isStuckAllowed && life.stuck < 2 && isTroubled() && random(200) === 0;
      if (isStuck) life.stuck++;
      pushEvent(client, `${number}.main.${life.next++}`, random, isStuck ? 'stuck' : trouble);
    }
    await setTimeout(random(30));
  }
}

async function killNowAndThen(life, workers, isTroubled) {
  const { random } = life;
  while (!life.isOver) {
    await setTimeout(random(2_000));
    const worker = [...workers].at(-1);
    if (worker === undefined || !isTroubled()) continue;
    life.kills++;
    life.settledAtKill = settledOf(life);
    void worker.terminate();
  }
}

/** A life that brings nothing forward is followed by a pause, and further ones by longer pauses: all would be lost in those. */
function hasSettledSome(life) {
  return settledOf(life) > life.settledAtKill;
}

function settledOf({ client }) {
  const { sent, failed, spooled } = client.stats();
  return sent + failed + spooled;
}

async function startThreads(life, apart) {
  const { client, random, number, threads } = life;
  if (random(2) === 0) return;
  const handle = client.handle();
  const ended = [];
  while (!life.isOver) {
    const name = `${number}.thread${threads.length}`;
    const words = new Int32Array(new SharedArrayBuffer(16));
    const end = THREAD_ENDS[random(THREAD_ENDS.length)];
    const lives = 200 + random(2_000);
    const workerData = { handle, name, seed: random(2 ** 30), end, words, lives };
    const thread = apart(() => new Worker(THREAD, { workerData }));
    threads.push({ name, words, end });
    ended.push(new Promise((resolve) => void thread.once('exit', resolve)));
    thread.on('error', (error) => threads.push({ name, words, end, error }));
    if (end === 'terminate') void setTimeout(lives + random(300)).then(() => thread.terminate());
    await setTimeout(random(2_000));
    if (ended.length % 4 === 0) await Promise.all(ended);
  }
  await Promise.all(ended);
}

/** When events were refused for want of room, in turns of 50 ms. */
function watchLosses(life, outages) {
  const { client } = life;
  const late = [];
  const startedAt = performance.now();
  let before = 0;
  const timer = setInterval(() => {
    const { total } = client.stats().dropped;
    const now = performance.now();
    // A life that has just begun may have no worker yet.
    const last = outages.findLast(({ from, until }) => from >= startedAt && until <= now);
    const isAway = outages.some(({ from, until }) => from <= now && now < until);
    const sinceMs = last === undefined ? Number.POSITIVE_INFINITY : now - last.until;
    const isOver = sinceMs > LOSS_ENDS_AFTER_MS && now - life.workerEndedAt > LOSS_ENDS_AFTER_MS;
    if (total > before && !isAway && isOver && sinceMs < CALM_MS) {
      late.push({ events: total - before, sinceMs: Math.round(sinceMs) });
    }
    before = total;
  }, 50);
  return { late, end: () => clearInterval(timer) };
}

function faultsOf(life, counts, heard) {
  const faults = [];
  const { accepted, sent, failed, spooled, pending, dropped, unrecovered } = counts;
  const threads = life.threads.filter(({ error }) => error === undefined);
  for (const { error } of life.threads)
    if (error !== undefined) faults.push(`a thread has failed: ${error.stack}`);
  const sum = (word) => threads.reduce((total, { words }) => total + words[word], 0);
  const offered = accepted + dropped.total;
  if (offered < life.next + sum(HANDED_OVER) || offered > life.next + sum(BEGUN)) {
    faults.push(`${offered} accepted or refused, of ${life.next} + ${sum(HANDED_OVER)} to ${sum(BEGUN)}`);
  }
  if (accepted !== sent + failed + spooled + pending) faults.push('the counts do not add up');
  if (pending !== 0) faults.push(`${pending} pending after the shutdown`);
  const told = heard.told + sum(TOLD);
  // What a thread was about to be told when it was terminated, nobody has heard.
  const isHeard = threads.every(({ end }) => end !== 'terminate');
  const lost = failed + unrecovered;
  if (isHeard ? told !== lost : told > lost) faults.push(`${told} told as failed, ${lost} counted`);
  return faults;
}
